use diesel::{
    QueryResult,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PayoutBatchId, PayoutId};
use money::Money;

use super::Verdict;
use crate::{
    act::Act,
    payouts::{Payout, PayoutStatus},
};

/// The most characters of a reason.
const MOST_CHARS: usize = 500;

const WRITE: &str = "\
    UPDATE payouts p SET status = e.status, provider_reference = e.reference, fee = e.fee, fee_currency = e.fee_currency, \
      failure_code = e.code, reason = e.reason, ended_at = $1, updated_at = $1 \
    FROM unnest($2, $3, $4, $5, $6, $7, $8) AS e (id, status, reference, fee, fee_currency, code, reason) \
    WHERE p.id = e.id RETURNING p.*";

/// How a payout comes to its end.
pub(super) struct End {
    pub(super) id: PayoutId,
    pub(super) batch_id: Option<PayoutBatchId>,
    pub(super) was: PayoutStatus,
    pub(super) status: PayoutStatus,
    reference: Option<String>,
    fee: Option<Money>,
    code: Option<String>,
    reason: Option<String>,
}

impl End {
    /// What failed keeps what was known of it.
    pub(super) fn of(before: &Payout, status: PayoutStatus, verdict: &Verdict) -> Self {
        let (reference, fee, code, reason) = match verdict {
            Verdict::Paid { reference, fee } => (reference.clone(), *fee, None, None),
            Verdict::Failed { code, reason } => {
                let reason: String = reason.chars().take(MOST_CHARS).collect();
                (before.provider_reference.clone(), before.fee_money(), Some(code.clone()), Some(reason))
            }
        };
        let (id, batch_id, was) = (before.id, before.batch_id, before.status);
        Self { id, batch_id, was, status, reference, fee, code, reason }
    }
}

/// Writes down ends, in one statement; answers the payouts in the order of ids.
///
/// # Errors
/// The database's.
pub(super) async fn write_down(
    conn: &mut AsyncPgConnection,
    ends: &[End],
    act: &Act,
) -> QueryResult<Vec<Payout>> {
    let texts = |of: fn(&End) -> Option<&String>| -> Vec<Option<&String>> { ends.iter().map(of).collect() };
    let fees: Vec<Option<i64>> = ends.iter().map(|end| end.fee.map(Money::minor)).collect();
    let currencies: Vec<Option<String>> =
        ends.iter().map(|end| end.fee.map(|fee| fee.currency().to_string())).collect();
    let mut written: Vec<Payout> = diesel::sql_query(WRITE)
        .bind::<Timestamptz, _>(act.now)
        .bind::<Array<Uuid>, _>(ends.iter().map(|end| end.id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(ends.iter().map(|end| end.status).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(texts(|end| end.reference.as_ref()))
        .bind::<Array<Nullable<BigInt>>, _>(fees)
        .bind::<Array<Nullable<Text>>, _>(currencies)
        .bind::<Array<Nullable<Text>>, _>(texts(|end| end.code.as_ref()))
        .bind::<Array<Nullable<Text>>, _>(texts(|end| end.reason.as_ref()))
        .load(conn)
        .await?;
    written.sort_unstable_by_key(|payout| payout.id);
    Ok(written)
}
