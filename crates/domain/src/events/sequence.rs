//! Gives events their place in the feed.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Event;
use crate::{
    prepared::Prepare,
    schema::{event_counter, events},
};

/// The most events of one transaction.
pub const BATCH: i64 = 5_000;

/// The advisory lock that lets one sequencer work at a time.
const LOCK: i64 = 7_262_372;

/// Takes the sequencer's lock until the transaction ends. A statement of its own, so that the next one sees all that was
/// committed before the lock was had.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(LOCK)
        .prepared()
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives the next positions to the events that have none, in the order of recording, and answers these events. Needs
/// [`lock`], in the same transaction.
///
/// # Errors
/// The database's.
pub async fn assign(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Event>> {
    let mut batch = events::table
        .filter(events::position.is_null())
        .order(events::seq)
        .limit(BATCH)
        .select(Event::as_select())
        .load(conn)
        .await?;
    let count = i64::try_from(batch.len()).unwrap_or(BATCH);
    if count == 0 {
        return Ok(batch);
    }
    let last: i64 = diesel::update(event_counter::table)
        .set(event_counter::position.eq(event_counter::position + count))
        .returning(event_counter::position)
        .prepared()
        .get_result(conn)
        .await?;
    for (event, position) in batch.iter_mut().zip(last - count + 1..) {
        event.position = Some(position);
    }
    diesel::sql_query(
        "UPDATE events SET position = given.position FROM unnest($1, $2) AS given (seq, position) \
         WHERE events.seq = given.seq",
    )
    .bind::<Array<BigInt>, _>(batch.iter().map(|event| event.seq).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(batch.iter().filter_map(|event| event.position).collect::<Vec<_>>())
    .prepared()
    .execute(conn)
    .await?;
    Ok(batch)
}

/// Events that have no position yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Backlog {
    /// How many, counted up to 10,000.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// When the first of them happened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_at: Option<DateTime<Utc>>,
}

/// How far the feed is behind what was recorded.
///
/// # Errors
/// The database's.
pub async fn backlog(conn: &mut AsyncPgConnection) -> QueryResult<Backlog> {
    diesel::sql_query(
        "SELECT count(*) AS count, min(at) AS oldest_at FROM \
         (SELECT at FROM events WHERE position IS NULL ORDER BY seq LIMIT 10000) waiting",
    )
    .get_result(conn)
    .await
}
