use diesel::{QueryResult, QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Counting stops here.
const COUNTED_AT_MOST: i64 = 100_000;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many deltas wait to be folded, of all accounts, counted up to 100,000. Figures are exact with any number of
/// them; each makes reading a little slower.
///
/// # Errors
/// The database's.
pub async fn unfolded(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let count: Count = sql_query("SELECT count(*) AS count FROM (SELECT FROM stat_deltas LIMIT $1) waiting")
        .bind::<BigInt, _>(COUNTED_AT_MOST)
        .get_result(conn)
        .await?;
    Ok(count.count)
}
