use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, ProgramId, TermsId};

use super::{Terms, TermsFor};
use crate::{
    page::{Page, PageArgs},
    schema::terms,
    scope::AccountScope,
};

/// Which versions of a program a list shows; all without any of these.
#[derive(Debug, Clone, Default)]
pub struct TermsFilter {
    /// Those for these alone.
    pub whose: Option<TermsFor>,
    /// Only overrides, or only what is for everybody.
    pub is_override: Option<bool>,
}

impl Terms {
    /// The versions of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[TermsId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = terms::table
            .filter(terms::account_id.eq(scope.account_id))
            .filter(terms::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// The version of that id, if it is in reach, its row locked until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: TermsId,
    ) -> QueryResult<Option<Self>> {
        let row: Option<Self> = terms::table
            .filter(terms::account_id.eq(scope.account_id))
            .filter(terms::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(row.filter(|row| scope.allows(row.program_id)))
    }

    /// A page of a program's versions, the highest number first. Empty for a program out of reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        filter: &TermsFilter,
        page: PageArgs<i32>,
    ) -> QueryResult<Page<Self>> {
        if !scope.allows(program_id) {
            return Ok(Page::of(Vec::new(), &page));
        }
        let rows = matching(scope, program_id, filter)
            .filter(terms::number.lt(page.after.unwrap_or(i32::MAX)))
            .order(terms::number.desc())
            .limit(page.limit())
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(Page::of(rows, &page))
    }

    /// How many versions a program has, counted up to `cap`; none for a program out of reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        filter: &TermsFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        if !scope.allows(program_id) {
            return Ok(0);
        }
        let query = matching(scope, program_id, filter).limit(cap);
        let ids: Vec<TermsId> = query.select(terms::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    /// The version of each of these programs in reach that is in force for new customers at `at`, of those for whom it
    /// is asked: the one that began last.
    ///
    /// # Errors
    /// The database's.
    pub async fn in_force_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        asked: &[(ProgramId, TermsFor)],
        at: DateTime<Utc>,
    ) -> QueryResult<Vec<Self>> {
        let programs: Vec<_> = asked.iter().map(|(id, _)| *id).filter(|id| scope.allows(*id)).collect();
        let groups: Vec<_> = asked.iter().filter_map(|(_, whose)| whose.group()).collect();
        let partners: Vec<_> = asked.iter().filter_map(|(_, whose)| whose.partner()).collect();
        let of_everybody = terms::group_id.is_null().and(terms::partner_id.is_null());
        let of_some = terms::group_id.eq_any(groups).or(terms::partner_id.eq_any(partners));
        let whose = (terms::program_id, terms::group_id, terms::partner_id);
        terms::table
            .filter(terms::account_id.eq(scope.account_id))
            .filter(terms::program_id.eq_any(programs))
            .filter(terms::effective_from.le(at))
            .filter(of_everybody.or(of_some))
            .distinct_on(whose)
            .order((
                terms::program_id,
                terms::group_id,
                terms::partner_id,
                terms::effective_from.desc(),
                terms::number.desc(),
            ))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// The drafts for everybody of these programs that are in reach: at most one each.
    ///
    /// # Errors
    /// The database's.
    pub async fn drafts_of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        programs: &[ProgramId],
    ) -> QueryResult<Vec<Self>> {
        let programs: Vec<_> = programs.iter().copied().filter(|id| scope.allows(*id)).collect();
        terms::table
            .filter(terms::account_id.eq(scope.account_id))
            .filter(terms::program_id.eq_any(programs))
            .filter(terms::group_id.is_null().and(terms::partner_id.is_null()))
            .filter(terms::published_at.is_null())
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// All published versions of these programs, by program and number: what evaluation chooses from.
    ///
    /// # Errors
    /// The database's.
    pub async fn published(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        programs: &[ProgramId],
    ) -> QueryResult<Vec<Self>> {
        terms::table
            .filter(terms::account_id.eq(account_id))
            .filter(terms::program_id.eq_any(programs))
            .filter(terms::published_at.is_not_null())
            .order((terms::program_id, terms::number))
            .select(Self::as_select())
            .load(conn)
            .await
    }
}

fn matching<'a>(
    scope: &AccountScope,
    program_id: ProgramId,
    filter: &TermsFilter,
) -> terms::BoxedQuery<'a, Pg> {
    let mut query = terms::table
        .filter(terms::account_id.eq(scope.account_id))
        .filter(terms::program_id.eq(program_id))
        .into_boxed();
    if let Some(whose) = filter.whose {
        query = query
            .filter(terms::group_id.is_not_distinct_from(whose.group()))
            .filter(terms::partner_id.is_not_distinct_from(whose.partner()));
    }
    let of_everybody = terms::group_id.is_null().and(terms::partner_id.is_null());
    match filter.is_override {
        Some(true) => query.filter(diesel::dsl::not(of_everybody)),
        Some(false) => query.filter(of_everybody),
        None => query,
    }
}
