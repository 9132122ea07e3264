use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;

use super::{Program, ProgramStatus};
use crate::{
    page::{Page, PageArgs},
    schema::programs,
    scope::AccountScope,
};

/// Which programs a list shows; an empty list is no limit.
#[derive(Debug, Clone, Default)]
pub struct ProgramFilter {
    /// Of one of these states.
    pub status: Vec<ProgramStatus>,
    /// With this in the name, whatever the case.
    pub search: Option<String>,
}

impl Program {
    /// The program of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ProgramId,
    ) -> QueryResult<Option<Self>> {
        if !scope.allows(id) {
            return Ok(None);
        }
        programs::table
            .filter(programs::account_id.eq(scope.account_id))
            .filter(programs::id.eq(id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The program of that id, its row locked until the transaction ends: what depends on its state stays true.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ProgramId,
    ) -> QueryResult<Option<Self>> {
        if !scope.allows(id) {
            return Ok(None);
        }
        programs::table
            .filter(programs::account_id.eq(scope.account_id))
            .filter(programs::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The programs of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[ProgramId],
    ) -> QueryResult<Vec<Self>> {
        let ids: Vec<_> = ids.iter().copied().filter(|id| scope.allows(*id)).collect();
        programs::table
            .filter(programs::account_id.eq(scope.account_id))
            .filter(programs::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// A page of programs, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &ProgramFilter,
        page: PageArgs<ProgramId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(programs::id.desc());
        if let Some(after) = page.after {
            query = query.filter(programs::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many programs match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &ProgramFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<ProgramId> =
            Self::matching(scope, filter).limit(cap).select(programs::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a ProgramFilter,
    ) -> programs::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = programs::table.filter(programs::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.programs() {
            query = query.filter(programs::id.eq_any(programs.to_vec()));
        }
        if !filter.status.is_empty() {
            query = query.filter(programs::status.eq_any(&filter.status));
        }
        if let Some(search) = &filter.search {
            query = query.filter(programs::name.ilike(crate::page::containing(search)));
        }
        query
    }
}
