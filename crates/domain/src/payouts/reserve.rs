use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{BoxedSqlQuery, SqlQuery},
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{
    AccountId, FileId, PartnerId, PayoutBatchId, PayoutId, PayoutMethodId, ProgramId, RewardId, TypedId,
};
use money::Currency;

use super::{Payout, PayoutStatus};
use crate::{
    act::Act,
    ledger::{self, TransferReason},
    payout_policies::FeePayer,
    schema::{partners, payouts},
};

type Asked<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// A payout to be made of what a partner has.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    /// The payout's id.
    pub id: PayoutId,
    /// Who is paid.
    pub partner_id: PartnerId,
    /// Where the money goes.
    pub method_id: PayoutMethodId,
    /// Nothing is taken if it would be less, in minor units.
    pub minimum: i64,
    /// Rewards are taken, the oldest first, as long as it is not more, in minor units.
    pub maximum: Option<i64>,
    /// Who bears what the provider charges.
    pub fee_payer: FeePayer,
    /// The payout that is tried again: its rewards alone are taken.
    pub retry_of: Option<PayoutId>,
    /// The partner's invoice.
    pub invoice_id: Option<FileId>,
}

/// From what it is taken, and how the payouts stand then.
#[derive(Debug, Clone)]
pub(crate) struct Taken<'a> {
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The currency.
    pub currency: Currency,
    /// Of rewards that were released by then.
    pub cutoff_at: DateTime<Utc>,
    /// Of these rewards alone; of all if absent. What is owed is taken off all the same.
    pub rewards: Option<&'a [RewardId]>,
    /// Where the payouts stand.
    pub status: PayoutStatus,
    /// The batch that makes them.
    pub batch_id: Option<PayoutBatchId>,
}

/// Locks what is taken, makes the payouts with their items, and marks the rewards: one statement, so that a payout, its items
/// and its amount are of one moment. What is taken back later is an item of the next payout.
static RESERVE: LazyLock<String> = LazyLock::new(|| {
    let taken = include_str!("taken.sql").replace("/*lock*/", "FOR NO KEY UPDATE");
    format!("{taken}{}", include_str!("made.sql"))
});

/// What it would come to, without a lock or a trace.
const PREVIEW: &str =
    concat!(include_str!("taken.sql"), "SELECT partner_id, amount, items FROM paid ORDER BY partner_id");

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Uuid)]
    payout_id: PayoutId,
}

/// What a partner would be paid.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Previewed {
    /// The partner.
    #[diesel(sql_type = Uuid)]
    pub partner_id: PartnerId,
    /// In minor units.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// How many items it would have.
    #[diesel(sql_type = Integer)]
    pub items: i32,
}

/// Reserves for some partners of a program, in the caller's transaction, what they have in one currency: for each at most one
/// payout, and none where there is too little. Events are the caller's.
///
/// # Errors
/// The database's.
pub(crate) async fn reserve(
    conn: &mut AsyncPgConnection,
    reservations: &[Reservation],
    of: &Taken<'_>,
    act: &Act,
) -> QueryResult<Vec<Payout>> {
    if reservations.is_empty() {
        return Ok(Vec::new());
    }
    // Reservations of one partner take turns: a later one sees which items an earlier one has taken.
    let whose: Vec<PartnerId> = reservations.iter().map(|one| one.partner_id).collect();
    let _locked: Vec<PartnerId> = partners::table
        .filter(partners::account_id.eq(of.account_id))
        .filter(partners::id.eq_any(&whose))
        .order(partners::id)
        .for_no_key_update()
        .select(partners::id)
        .load(conn)
        .await?;
    let made: Vec<Made> = asked(&RESERVE, reservations, of)
        .bind::<Text, _>(of.status)
        .bind::<Bool, _>(of.batch_id.is_some())
        .bind::<Nullable<Uuid>, _>(of.batch_id)
        .bind::<Array<Nullable<Uuid>>, _>(reservations.iter().map(|one| one.invoice_id).collect::<Vec<_>>())
        .bind::<Text, _>(act.actor.to_string())
        .bind::<Timestamptz, _>(act.now)
        .bind::<Array<Text>, _>(reservations.iter().map(|one| one.fee_payer).collect::<Vec<_>>())
        .load(conn)
        .await?;
    let rows = find_all(conn, of.account_id, made.into_iter().map(|made| made.payout_id)).await?;
    let postings: Vec<_> = rows.iter().map(|payout| payout.posting(TransferReason::Reserved)).collect();
    ledger::post(conn, &postings, act).await?;
    Ok(rows)
}

async fn find_all(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    ids: impl Iterator<Item = PayoutId>,
) -> QueryResult<Vec<Payout>> {
    payouts::table
        .filter(payouts::account_id.eq(account_id))
        .filter(payouts::id.eq_any(ids))
        .order(payouts::id)
        .select(Payout::as_select())
        .load(conn)
        .await
}

/// What [`reserve`] would make of it now, in the order of partners.
///
/// # Errors
/// The database's.
pub(crate) async fn preview(
    conn: &mut AsyncPgConnection,
    reservations: &[Reservation],
    of: &Taken<'_>,
) -> QueryResult<Vec<Previewed>> {
    asked(PREVIEW, reservations, of).load(conn).await
}

fn asked<'a>(sql: &str, reservations: &[Reservation], of: &Taken<'a>) -> Asked<'a> {
    let list = |of: fn(&Reservation) -> uuid::Uuid| reservations.iter().map(of).collect::<Vec<_>>();
    let minima: Vec<i64> = reservations.iter().map(|one| one.minimum).collect();
    let maxima: Vec<Option<i64>> = reservations.iter().map(|one| one.maximum).collect();
    let retries: Vec<Option<PayoutId>> = reservations.iter().map(|one| one.retry_of).collect();
    diesel::sql_query(sql)
        .into_boxed()
        .bind::<Array<Uuid>, _>(list(|one| one.partner_id.uuid()))
        .bind::<Array<Uuid>, _>(list(|one| one.id.uuid()))
        .bind::<Array<Uuid>, _>(list(|one| one.method_id.uuid()))
        .bind::<Array<BigInt>, _>(minima)
        .bind::<Array<Nullable<BigInt>>, _>(maxima)
        .bind::<Array<Nullable<Uuid>>, _>(retries)
        .bind::<Uuid, _>(of.account_id)
        .bind::<Uuid, _>(of.program_id)
        .bind::<Text, _>(of.currency)
        .bind::<Timestamptz, _>(of.cutoff_at)
        .bind::<Nullable<Array<Uuid>>, _>(of.rewards)
}
