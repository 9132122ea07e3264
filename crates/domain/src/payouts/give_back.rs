use diesel::{
    prelude::*,
    sql_types::{Array, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::PayoutId;

use super::Payout;
use crate::{
    act::Act,
    ledger::{self, TransferReason},
    schema::payout_items,
};

/// Locks the rewards of payouts in the order of ids, as everybody does.
const LOCK: &str = "\
    SELECT r.id FROM rewards r WHERE r.id IN (SELECT i.source FROM payout_items i \
      WHERE i.payout_id = ANY ($1) AND i.kind = 'REWARD' AND i.released_at IS NULL) ORDER BY r.id FOR NO KEY UPDATE";

/// What was taken back of a reward while a payout had it may have left nothing of it.
const OPEN: &str = "\
    UPDATE rewards r SET status = CASE WHEN r.net = 0 THEN 'REVERSED' ELSE 'AVAILABLE' END, updated_at = $2 \
    FROM payout_items i WHERE i.payout_id = ANY ($1) AND i.kind = 'REWARD' AND i.released_at IS NULL AND r.id = i.source";

const PAID: &str = "\
    UPDATE rewards r SET status = 'PAID', updated_at = $2 \
    FROM payout_items i WHERE i.payout_id = ANY ($1) AND i.kind = 'REWARD' AND i.released_at IS NULL AND r.id = i.source";

#[derive(QueryableByName)]
struct Locked {
    #[expect(dead_code, reason = "the row is locked, and nothing of it is read")]
    #[diesel(sql_type = Uuid)]
    id: uuid::Uuid,
}

/// Gives back what these payouts hold, in the caller's transaction, which has their rows: their items are open again, and
/// their amounts available. The reason is UNRESERVED, or RETURNED of payouts that were paid.
///
/// # Errors
/// The database's.
pub(crate) async fn give_back(
    conn: &mut AsyncPgConnection,
    payouts: &[Payout],
    reason: TransferReason,
    act: &Act,
) -> QueryResult<()> {
    mark(conn, payouts, OPEN, act).await?;
    diesel::update(payout_items::table)
        .filter(payout_items::payout_id.eq_any(payouts.iter().map(|payout| payout.id)))
        .filter(payout_items::released_at.is_null())
        .set(payout_items::released_at.eq(act.now))
        .execute(conn)
        .await?;
    post(conn, payouts, reason, act).await
}

/// Notes that what these payouts hold is paid, in the caller's transaction, which has their rows.
///
/// # Errors
/// The database's.
pub(crate) async fn pay(conn: &mut AsyncPgConnection, payouts: &[Payout], act: &Act) -> QueryResult<()> {
    mark(conn, payouts, PAID, act).await?;
    post(conn, payouts, TransferReason::Paid, act).await
}

async fn mark(
    conn: &mut AsyncPgConnection,
    payouts: &[Payout],
    statement: &str,
    act: &Act,
) -> QueryResult<()> {
    let ids: Vec<PayoutId> = payouts.iter().map(|payout| payout.id).collect();
    let _locked: Vec<Locked> = diesel::sql_query(LOCK).bind::<Array<Uuid>, _>(&ids).load(conn).await?;
    diesel::sql_query(statement)
        .bind::<Array<Uuid>, _>(&ids)
        .bind::<Timestamptz, _>(act.now)
        .execute(conn)
        .await?;
    Ok(())
}

async fn post(
    conn: &mut AsyncPgConnection,
    payouts: &[Payout],
    reason: TransferReason,
    act: &Act,
) -> QueryResult<()> {
    let postings: Vec<_> = payouts.iter().map(|payout| payout.posting(reason)).collect();
    ledger::post(conn, &postings, act).await
}
