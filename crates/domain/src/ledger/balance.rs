use std::collections::BTreeMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, PartnerId, ProgramId, TypedId};
use money::Currency;

use super::{AccountKind, Owner, Posting};
use crate::{prepared::Prepare, schema::balances, scope::AccountScope};

/// What a partner or a customer has in one currency: the fold of the transfers of these four accounts, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = balances)]
pub struct Balance {
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Whose it is, if it is a partner's.
    pub partner_id: Option<PartnerId>,
    /// Whose it is, if it is a customer's.
    pub customer_id: Option<CustomerId>,
    /// The currency of the four amounts.
    pub currency: Currency,
    /// Earned, and not yet to be paid.
    pub held: i64,
    /// What a payout or a redemption may take now; negative is debt.
    pub available: i64,
    /// In a payout that is under way.
    pub reserved: i64,
    /// Paid out or redeemed.
    pub paid: i64,
}

impl Balance {
    /// The balances of these partners, by currency. The partners were found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partners: &[PartnerId],
    ) -> QueryResult<Vec<Self>> {
        Self::of(conn, scope, partners.iter().map(|id| id.uuid()).collect()).await
    }

    /// The balances of these customers, by currency. The customers were found in the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_customers(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        customers: &[CustomerId],
    ) -> QueryResult<Vec<Self>> {
        Self::of(conn, scope, customers.iter().map(|id| id.uuid()).collect()).await
    }

    /// Locks what the owner has in this currency until the transaction ends, and answers what of it is available: nothing if
    /// they never had any.
    ///
    /// # Errors
    /// The database's.
    pub async fn lock_available(
        conn: &mut AsyncPgConnection,
        (account_id, owner): (AccountId, Owner),
        currency: Currency,
    ) -> QueryResult<i64> {
        let available = balances::table
            .find((account_id, owner.uuid(), currency))
            .for_no_key_update()
            .select(balances::available)
            .first(conn)
            .await
            .optional()?;
        Ok(available.unwrap_or_default())
    }

    async fn of(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        owners: Vec<uuid::Uuid>,
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = balances::table
            .filter(balances::account_id.eq(scope.account_id))
            .filter(balances::owner_id.eq_any(owners))
            .order((balances::owner_id, balances::currency))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    fn empty(posting: &Posting) -> Self {
        let Posting { account_id, program_id, owner, currency, .. } = *posting;
        let (partner_id, customer_id) = (owner.partner(), owner.customer());
        let (held, available, reserved, paid) = (0, 0, 0, 0);
        Self { account_id, program_id, partner_id, customer_id, currency, held, available, reserved, paid }
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
    let mut deltas: BTreeMap<(Owner, Currency), Balance> = BTreeMap::new();
    for posting in postings {
        let delta =
            deltas.entry((posting.owner, posting.currency)).or_insert_with(|| Balance::empty(posting));
        let (debit, credit) = posting.reason.arrow();
        delta
            .add(debit, -posting.amount)
            .and_then(|()| delta.add(credit, posting.amount))
            .ok_or_else(|| diesel::result::Error::QueryBuilderError("a balance is out of range".into()))?;
    }
    let (owners, deltas): (Vec<uuid::Uuid>, Vec<Balance>) =
        deltas.into_iter().map(|((owner, _), delta)| (owner.uuid(), delta)).unzip();
    ensure_locked(conn, &owners, &deltas).await?;
    let sql = "UPDATE balances AS b SET held = b.held + d.held, available = b.available + d.available, \
         reserved = b.reserved + d.reserved, paid = b.paid + d.paid \
         FROM unnest($1, $2, $3, $4, $5, $6, $7) \
             AS d (account_id, owner_id, currency, held, available, reserved, paid) \
         WHERE b.account_id = d.account_id AND b.owner_id = d.owner_id AND b.currency = d.currency";
    let amounts = |amount: fn(&Balance) -> i64| deltas.iter().map(amount).collect::<Vec<i64>>();
    diesel::sql_query(sql)
        .bind::<Array<Uuid>, _>(deltas.iter().map(|delta| delta.account_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Uuid>, _>(owners)
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

/// A statement takes 65,535 values.
const ROWS_PER_INSERT: usize = 4_000;

async fn ensure_locked(
    conn: &mut AsyncPgConnection,
    owners: &[uuid::Uuid],
    deltas: &[Balance],
) -> QueryResult<()> {
    use balances as b;
    let zero = |delta: &Balance| Balance { held: 0, available: 0, reserved: 0, paid: 0, ..delta.clone() };
    let rows: Vec<_> = deltas.iter().map(zero).collect();
    for rows in rows.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(b::table)
            .values(rows)
            .on_conflict_do_nothing()
            .prepared_for(rows.len())
            .execute(conn)
            .await?;
    }
    let accounts: Vec<AccountId> = deltas.iter().map(|delta| delta.account_id).collect();
    let _locked: Vec<uuid::Uuid> = b::table
        .filter(b::account_id.eq_any(accounts))
        .filter(b::owner_id.eq_any(owners))
        .order((b::owner_id, b::currency))
        .for_no_key_update()
        .select(b::owner_id)
        .load(conn)
        .await?;
    Ok(())
}
