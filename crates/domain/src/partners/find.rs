use diesel::{pg::Pg, prelude::*, sql_types::Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, GroupId, PartnerId, ProgramId};

use super::{Partner, PartnerStatus};
use crate::{
    page::{self, Page, PageArgs},
    schema::{partner_profiles, partners},
    scope::AccountScope,
    text,
};

/// Which partners a list shows; an empty list is no limit.
#[derive(Debug, Clone, Default)]
pub struct PartnerFilter {
    /// Of one of these programs.
    pub program_ids: Vec<ProgramId>,
    /// In one of these states.
    pub status: Vec<PartnerStatus>,
    /// With at least one of these tags.
    pub tags: Vec<String>,
    /// In one of these groups.
    pub group_ids: Vec<GroupId>,
    /// Recruited by one of these partners.
    pub upline_ids: Vec<PartnerId>,
    /// With this in the name or key, whatever the case.
    pub search: Option<String>,
    /// Whether `search` looks at email addresses too: only for those who may see them, or they could be guessed.
    pub search_emails: bool,
}

impl Partner {
    /// The partner of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PartnerId,
    ) -> QueryResult<Option<Self>> {
        in_reach(scope).filter(partners::id.eq(id)).select(Self::as_select()).first(conn).await.optional()
    }

    /// The partner of that id, its row locked until the transaction ends: what depends on its state stays true.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PartnerId,
    ) -> QueryResult<Option<Self>> {
        let found: Option<Self> = partners::table
            .filter(partners::account_id.eq(scope.account_id))
            .filter(partners::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(found.filter(|partner| scope.allows(partner.program_id)))
    }

    /// The partners of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PartnerId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(partners::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The partner of that public key in a program, whatever the case.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_key(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        key: &str,
    ) -> QueryResult<Option<Self>> {
        // What is no key names nobody; PostgreSQL would refuse some of it.
        let Ok(key) = text::slug(key, 100) else { return Ok(None) };
        in_reach(scope)
            .filter(partners::program_id.eq(program_id))
            .filter(partners::key.eq(key))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The partners that these customers are, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_customers(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customers: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope)
            .filter(partners::customer_id.eq_any(customers))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// The partners of a program with one of these ids or public keys, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_named(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        (ids, keys): (&[PartnerId], &[String]),
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope)
            .filter(partners::program_id.eq(program_id))
            .filter(partners::id.eq_any(ids).or(partners::key.eq_any(keys)))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Where the partner of that id stands, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn status_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PartnerId,
    ) -> QueryResult<Option<PartnerStatus>> {
        in_reach(scope).filter(partners::id.eq(id)).select(partners::status).first(conn).await.optional()
    }

    /// A page of partners, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PartnerFilter,
        page: PageArgs<PartnerId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = matching(scope, filter).order(partners::id.desc());
        if let Some(after) = page.after {
            query = query.filter(partners::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many partners match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &PartnerFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<PartnerId> = matching(scope, filter).limit(cap).select(partners::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }
}

fn in_reach<'a>(scope: &AccountScope) -> partners::BoxedQuery<'a, Pg> {
    let query = partners::table.filter(partners::account_id.eq(scope.account_id)).into_boxed();
    match scope.programs() {
        Some(programs) => query.filter(partners::program_id.eq_any(programs.to_vec())),
        None => query,
    }
}

fn matching<'a>(scope: &AccountScope, filter: &'a PartnerFilter) -> partners::BoxedQuery<'a, Pg> {
    let mut query = in_reach(scope);
    if !filter.program_ids.is_empty() {
        query = query.filter(partners::program_id.eq_any(&filter.program_ids));
    }
    if !filter.status.is_empty() {
        query = query.filter(partners::status.eq_any(&filter.status));
    }
    if !filter.tags.is_empty() {
        let tags: Vec<_> = filter.tags.iter().filter_map(|tag| text::line(tag, 50).ok()).collect();
        query = query.filter(partners::tags.overlaps_with(tags));
    }
    if !filter.group_ids.is_empty() {
        query = query.filter(partners::group_id.eq_any(&filter.group_ids));
    }
    if !filter.upline_ids.is_empty() {
        query = query.filter(partners::upline_id.eq_any(&filter.upline_ids));
    }
    if let Some(search) = &filter.search {
        let pattern = page::containing(search);
        let by_email =
            partner_profiles::email.ilike(pattern.clone()).and(filter.search_emails.into_sql::<Bool>());
        let people = partner_profiles::table
            .filter(partner_profiles::account_id.eq(scope.account_id))
            .filter(partner_profiles::name.ilike(pattern.clone()).or(by_email))
            .select(partner_profiles::id);
        query = query.filter(partners::key.ilike(pattern).or(partners::profile_id.eq_any(people)));
    }
    query
}
