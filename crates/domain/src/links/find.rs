use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{LinkId, PartnerId, ProgramId};

use super::Link;
use crate::{
    page::{MAX_PAGE, Page, PageArgs},
    prepared::Prepare,
    schema::links,
    scope::AccountScope,
    text,
};

/// Which links a list shows; an empty list is no limit.
#[derive(Debug, Clone, Default)]
pub struct LinkFilter {
    /// Of one of these programs.
    pub program_ids: Vec<ProgramId>,
    /// Of one of these partners.
    pub partner_ids: Vec<PartnerId>,
}

impl Link {
    /// The link of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: LinkId,
    ) -> QueryResult<Option<Self>> {
        in_reach(scope).filter(links::id.eq(id)).select(Self::as_select()).first(conn).await.optional()
    }

    /// The link of that id, its row locked until the transaction ends.
    pub(super) async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: LinkId,
    ) -> QueryResult<Option<Self>> {
        let found: Option<Self> = links::table
            .filter(links::account_id.eq(scope.account_id))
            .filter(links::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(found.filter(|link| scope.allows(link.program_id)))
    }

    /// The links of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[LinkId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(links::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The link of that slug in a program, whatever the case, active or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_slug(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        slug: &str,
    ) -> QueryResult<Option<Self>> {
        // What is no slug names no link; PostgreSQL would refuse some of it.
        let Ok(slug) = text::slug(slug, 100) else { return Ok(None) };
        in_reach(scope)
            .filter(links::program_id.eq(program_id))
            .filter(links::slug.eq(slug))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The links of these slugs in a program, whatever the case, active or not, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_by_slugs(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        slugs: &[String],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope)
            .filter(links::program_id.eq(program_id))
            .filter(links::slug.eq_any(slugs))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// The oldest links of each of these partners behind the link `after`, oldest first: the default one leads. One more
    /// than a page of each, which tells whether there is a next page.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_ids: &[PartnerId],
        after: Option<LinkId>,
    ) -> QueryResult<Vec<Self>> {
        diesel::sql_query(
            "SELECT mine.* FROM unnest($2) AS wanted (partner_id) CROSS JOIN LATERAL ( \
                 SELECT * FROM links \
                 WHERE account_id = $1 AND links.partner_id = wanted.partner_id \
                   AND ($3 IS NULL OR program_id = ANY ($3)) AND ($4 IS NULL OR id > $4) \
                 ORDER BY id LIMIT $5 \
             ) AS mine ORDER BY mine.id",
        )
        .bind::<Uuid, _>(scope.account_id)
        .bind::<Array<Uuid>, _>(partner_ids)
        .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
        .bind::<Nullable<Uuid>, _>(after)
        .bind::<BigInt, _>(MAX_PAGE + 1)
        .prepared()
        .load(conn)
        .await
    }

    /// How many links each of these partners has; those who have none are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_ids: &[PartnerId],
    ) -> QueryResult<Vec<(PartnerId, i64)>> {
        let mut query = links::table
            .filter(links::account_id.eq(scope.account_id))
            .filter(links::partner_id.eq_any(partner_ids))
            .group_by(links::partner_id)
            .select((links::partner_id, diesel::dsl::count_star()))
            .into_boxed();
        if let Some(programs) = scope.programs() {
            query = query.filter(links::program_id.eq_any(programs));
        }
        query.load(conn).await
    }

    /// A page of links, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &LinkFilter,
        page: PageArgs<LinkId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = matching(scope, filter).order(links::id.desc());
        if let Some(after) = page.after {
            query = query.filter(links::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many links match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &LinkFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<LinkId> = matching(scope, filter).limit(cap).select(links::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }
}

fn in_reach<'a>(scope: &AccountScope) -> links::BoxedQuery<'a, Pg> {
    let query = links::table.filter(links::account_id.eq(scope.account_id)).into_boxed();
    match scope.programs() {
        Some(programs) => query.filter(links::program_id.eq_any(programs.to_vec())),
        None => query,
    }
}

fn matching<'a>(scope: &AccountScope, filter: &'a LinkFilter) -> links::BoxedQuery<'a, Pg> {
    let mut query = in_reach(scope);
    if !filter.program_ids.is_empty() {
        query = query.filter(links::program_id.eq_any(&filter.program_ids));
    }
    if !filter.partner_ids.is_empty() {
        query = query.filter(links::partner_id.eq_any(&filter.partner_ids));
    }
    query
}
