use diesel::{pg::Pg, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{GroupId, ProgramId};

use super::Group;
use crate::{schema::groups, scope::AccountScope};

impl Group {
    /// The group of that id, if it is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: GroupId,
    ) -> QueryResult<Option<Self>> {
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// The groups of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[GroupId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(groups::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The groups of these programs that are in reach, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_programs(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        programs: &[ProgramId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope)
            .filter(groups::program_id.eq_any(programs))
            .order((groups::name, groups::id))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// The group of that id, its row locked until the transaction ends.
    pub(super) async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: GroupId,
    ) -> QueryResult<Option<Self>> {
        let found: Option<Self> = groups::table
            .filter(groups::account_id.eq(scope.account_id))
            .filter(groups::id.eq(id))
            .for_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(found.filter(|group| scope.allows(group.program_id)))
    }
}

fn in_reach<'a>(scope: &AccountScope) -> groups::BoxedQuery<'a, Pg> {
    let query = groups::table.filter(groups::account_id.eq(scope.account_id)).into_boxed();
    match scope.programs() {
        Some(programs) => query.filter(groups::program_id.eq_any(programs.to_vec())),
        None => query,
    }
}
