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
    let ends: Vec<(&Payout, TransferReason)> = payouts.iter().map(|payout| (payout, reason)).collect();
    end(conn, &ends, act).await
}

/// Brings what payouts hold to its end, in the caller's transaction, which has their rows: paid by [`TransferReason::Paid`], open
/// again by any other reason. All rewards are locked before any balance, as by everybody.
///
/// # Errors
/// The database's.
pub(crate) async fn end(
    conn: &mut AsyncPgConnection,
    ends: &[(&Payout, TransferReason)],
    act: &Act,
) -> QueryResult<()> {
    let ids = |is_paid: bool| -> Vec<PayoutId> {
        let such = ends.iter().filter(|(_, reason)| (*reason == TransferReason::Paid) == is_paid);
        such.map(|(payout, _)| payout.id).collect()
    };
    let (paid, open) = (ids(true), ids(false));
    let all = [paid.as_slice(), &open].concat();
    let _locked: Vec<Locked> = diesel::sql_query(LOCK).bind::<Array<Uuid>, _>(&all).load(conn).await?;
    for (statement, ids) in [(PAID, &paid), (OPEN, &open)] {
        diesel::sql_query(statement)
            .bind::<Array<Uuid>, _>(ids)
            .bind::<Timestamptz, _>(act.now)
            .execute(conn)
            .await?;
    }
    diesel::update(payout_items::table)
        .filter(payout_items::payout_id.eq_any(open))
        .filter(payout_items::released_at.is_null())
        .set(payout_items::released_at.eq(act.now))
        .execute(conn)
        .await?;
    let postings: Vec<_> = ends.iter().map(|(payout, reason)| payout.posting(*reason)).collect();
    ledger::post(conn, &postings, act).await
}
