//! How much an account uses: seats of its team and programs.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    programs::ProgramStatus,
    schema::programs,
    scope::AccountScope,
    team::{Member, invites::Invite},
};

/// Counting seats stops here.
const SEATS_AT_MOST: i64 = 10_000;

/// What an account uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    /// Its members, counted up to 10,000.
    pub members: i64,
    /// Its pending invites, each of which may become a member; counted up to 10,000.
    pub invited: i64,
}

/// The seats of the account, whoever asks: what is used does not depend on who may see it.
///
/// # Errors
/// The database's.
pub async fn seats(conn: &mut AsyncPgConnection, scope: &AccountScope) -> QueryResult<Seats> {
    let whole = AccountScope::whole(scope.account_id);
    Ok(Seats {
        members: Member::count(conn, &whole, SEATS_AT_MOST).await?,
        invited: Invite::count_pending(conn, &whole, SEATS_AT_MOST).await?,
    })
}

/// How many programs in reach are in each state, in the order of the states.
///
/// # Errors
/// The database's.
pub async fn programs_by_status(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
) -> QueryResult<Vec<(ProgramStatus, i64)>> {
    let mut query = programs::table.filter(programs::account_id.eq(scope.account_id)).into_boxed();
    if let Some(reach) = scope.programs() {
        query = query.filter(programs::id.eq_any(reach));
    }
    let states: Vec<ProgramStatus> = query.select(programs::status).load(conn).await?;
    let count = |status: ProgramStatus| states.iter().filter(|state| **state == status).count();
    let counted = ProgramStatus::ALL.iter().map(|status| (*status, count(*status)));
    Ok(counted.map(|(status, count)| (status, i64::try_from(count).unwrap_or(i64::MAX))).collect())
}
