use diesel_async::AsyncPgConnection;

use crate::{
    programs::{Cursor, StoppedPrograms},
    scope::AccountScope,
};

/// The programs in reach that earn nothing at the moment, because a fact cannot be computed: how many, and since when the
/// first of them. Retrying the dead job has the fact tried again.
///
/// # Errors
/// The database's.
pub async fn stopped_programs(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
) -> diesel::QueryResult<StoppedPrograms> {
    Cursor::stopped(conn, Some(scope)).await
}
