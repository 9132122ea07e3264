use std::collections::BTreeMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, ProgramId, TypedId};
use money::Currency;

use super::{AccountKind, Posting};
use crate::{prepared::Prepare, schema::partner_balances, scope::AccountScope};

/// What a partner has in one currency: the fold of the transfers of these four accounts, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = partner_balances)]
pub struct PartnerBalance {
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The currency of the four amounts.
    pub currency: Currency,
    /// Earned, and not yet to be paid.
    pub held: i64,
    /// What a payout may take now; negative is debt.
    pub available: i64,
    /// In a payout that is under way.
    pub reserved: i64,
    /// Paid.
    pub paid: i64,
}

impl PartnerBalance {
    /// The balances of these partners, by partner and currency. The partners were found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = partner_balances::table
            .filter(partner_balances::account_id.eq(scope.account_id))
            .filter(partner_balances::partner_id.eq_any(partners))
            .order((partner_balances::partner_id, partner_balances::currency))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    fn empty(posting: &Posting) -> Self {
        let Posting { account_id, program_id, partner_id, currency, .. } = *posting;
        Self { account_id, program_id, partner_id, currency, held: 0, available: 0, reserved: 0, paid: 0 }
    }

    /// Adds the amount, unless the sum is out of range.
    fn add(&mut self, kind: AccountKind, amount: i64) -> Option<()> {
        let sum = match kind {
            AccountKind::Expense => return Some(()),
            AccountKind::Held => &mut self.held,
            AccountKind::Available => &mut self.available,
            AccountKind::Reserved => &mut self.reserved,
            AccountKind::Paid => &mut self.paid,
        };
        *sum = sum.checked_add(amount)?;
        Some(())
    }
}

/// Folds the postings into the balances: makes the rows that are missing, locks all in the order of their keys, then
/// changes them.
pub(super) async fn apply(conn: &mut AsyncPgConnection, postings: &[Posting]) -> QueryResult<()> {
    let mut deltas: BTreeMap<(PartnerId, Currency), PartnerBalance> = BTreeMap::new();
    for posting in postings {
        let key = (posting.partner_id, posting.currency);
        let delta = deltas.entry(key).or_insert_with(|| PartnerBalance::empty(posting));
        let (debit, credit) = posting.reason.arrow();
        delta
            .add(debit, -posting.amount)
            .and_then(|()| delta.add(credit, posting.amount))
            .ok_or_else(|| diesel::result::Error::QueryBuilderError("a balance is out of range".into()))?;
    }
    let deltas: Vec<PartnerBalance> = deltas.into_values().collect();
    ensure_locked(conn, &deltas).await?;
    let sql = "UPDATE partner_balances AS b SET held = b.held + d.held, available = b.available + d.available, \
         reserved = b.reserved + d.reserved, paid = b.paid + d.paid \
         FROM unnest($1, $2, $3, $4, $5, $6, $7) \
             AS d (account_id, partner_id, currency, held, available, reserved, paid) \
         WHERE b.account_id = d.account_id AND b.partner_id = d.partner_id AND b.currency = d.currency";
    let amounts = |amount: fn(&PartnerBalance) -> i64| deltas.iter().map(amount).collect::<Vec<i64>>();
    diesel::sql_query(sql)
        .bind::<Array<Uuid>, _>(deltas.iter().map(|delta| delta.account_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Uuid>, _>(deltas.iter().map(|delta| delta.partner_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(deltas.iter().map(|delta| delta.currency.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(amounts(|delta| delta.held))
        .bind::<Array<BigInt>, _>(amounts(|delta| delta.available))
        .bind::<Array<BigInt>, _>(amounts(|delta| delta.reserved))
        .bind::<Array<BigInt>, _>(amounts(|delta| delta.paid))
        .prepared()
        .execute(conn)
        .await?;
    Ok(())
}

async fn ensure_locked(conn: &mut AsyncPgConnection, deltas: &[PartnerBalance]) -> QueryResult<()> {
    use partner_balances as b;
    let zero = |delta: &PartnerBalance| PartnerBalance {
        held: 0,
        available: 0,
        reserved: 0,
        paid: 0,
        ..delta.clone()
    };
    let rows: Vec<_> = deltas.iter().map(zero).collect();
    diesel::insert_into(b::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .prepared_for(rows.len())
        .execute(conn)
        .await?;
    let accounts: Vec<AccountId> = deltas.iter().map(|delta| delta.account_id).collect();
    let partners: Vec<PartnerId> = deltas.iter().map(|delta| delta.partner_id).collect();
    let _locked: Vec<PartnerId> = b::table
        .filter(b::account_id.eq_any(accounts))
        .filter(b::partner_id.eq_any(partners))
        .order((b::partner_id, b::currency))
        .for_no_key_update()
        .select(b::partner_id)
        .load(conn)
        .await?;
    Ok(())
}
