use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, LedgerAccountId, PartnerId, ProgramId};
use money::Currency;

use super::{AccountKind, Owner, Posting};
use crate::{act::Act, schema::ledger_accounts};

/// Rows of one INSERT: seven parameters each.
const ROWS_PER_INSERT: usize = 5_000;

/// What an account of the ledger is found by.
pub(super) type Key = (ProgramId, Option<Owner>, Currency, AccountKind);

/// The accounts of some postings.
pub(super) struct Accounts(HashMap<Key, LedgerAccountId>);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_accounts)]
struct Row {
    id: LedgerAccountId,
    account_id: AccountId,
    program_id: ProgramId,
    kind: AccountKind,
    partner_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
    currency: Currency,
}

impl Row {
    fn key(&self) -> Key {
        (self.program_id, Owner::of(self.partner_id, self.customer_id), self.currency, self.kind)
    }
}

impl Posting {
    /// The accounts from and to which it moves.
    fn keys(&self) -> [Key; 2] {
        let (debit, credit) = self.reason.arrow();
        [debit, credit].map(|kind| {
            let owner = (kind != AccountKind::Expense).then_some(self.owner);
            (self.program_id, owner, self.currency, kind)
        })
    }
}

impl Accounts {
    /// Debit and credit of a posting; `None` cannot be after [`Accounts::ensure`].
    pub(super) fn of(&self, posting: &Posting) -> Option<(LedgerAccountId, LedgerAccountId)> {
        let [debit, credit] = posting.keys();
        Some((*self.0.get(&debit)?, *self.0.get(&credit)?))
    }

    /// Finds the accounts of these postings, and makes those that are missing.
    pub(super) async fn ensure(
        conn: &mut AsyncPgConnection,
        postings: &[Posting],
        act: &Act,
    ) -> QueryResult<Self> {
        let mut accounts = Self(find(conn, postings).await?);
        let mut missing: Vec<(Key, AccountId)> = postings
            .iter()
            .flat_map(|posting| posting.keys().map(|key| (key, posting.account_id)))
            .filter(|(key, _)| !accounts.0.contains_key(key))
            .collect();
        if missing.is_empty() {
            return Ok(accounts);
        }
        // In one order for all, so that two writers never wait for each other in a circle.
        missing.sort_unstable();
        missing.dedup();
        let rows: Vec<Row> = missing.into_iter().map(|(key, account_id)| row(key, account_id, act)).collect();
        for chunk in rows.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(ledger_accounts::table)
                .values(chunk)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
        }
        accounts.0 = find(conn, postings).await?;
        Ok(accounts)
    }
}

fn row((program_id, owner, currency, kind): Key, account_id: AccountId, act: &Act) -> Row {
    let (partner_id, customer_id) = (owner.and_then(Owner::partner), owner.and_then(Owner::customer));
    Row { id: act.ids.next(act.now), account_id, program_id, kind, partner_id, customer_id, currency }
}

async fn find(
    conn: &mut AsyncPgConnection,
    postings: &[Posting],
) -> QueryResult<HashMap<Key, LedgerAccountId>> {
    use ledger_accounts as a;
    let programs: BTreeSet<_> = postings.iter().map(|posting| posting.program_id).collect();
    let partners: BTreeSet<_> = postings.iter().filter_map(|posting| posting.owner.partner()).collect();
    let customers: BTreeSet<_> = postings.iter().filter_map(|posting| posting.owner.customer()).collect();
    let of_nobody = a::partner_id.is_null().and(a::customer_id.is_null());
    let rows: Vec<Row> = a::table
        .filter(a::program_id.eq_any(programs))
        .filter(
            of_nobody
                .or(a::partner_id.eq_any(partners).assume_not_null())
                .or(a::customer_id.eq_any(customers).assume_not_null()),
        )
        .select(Row::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.key(), row.id)).collect())
}
