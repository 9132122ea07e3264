use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, LedgerAccountId, PartnerId, ProgramId};
use money::Currency;

use super::{AccountKind, Posting};
use crate::{act::Act, schema::ledger_accounts};

/// Rows of one INSERT: six parameters each.
const ROWS_PER_INSERT: usize = 5_000;

/// What an account of the ledger is found by.
pub(super) type Key = (ProgramId, Option<PartnerId>, Currency, AccountKind);

/// The accounts of some postings.
pub(super) struct Accounts(HashMap<Key, LedgerAccountId>);

#[derive(Insertable)]
#[diesel(table_name = ledger_accounts)]
struct Row {
    id: LedgerAccountId,
    account_id: AccountId,
    program_id: ProgramId,
    kind: AccountKind,
    partner_id: Option<PartnerId>,
    currency: Currency,
}

impl Posting {
    /// The accounts from and to which it moves.
    fn keys(&self) -> [Key; 2] {
        let (debit, credit) = self.reason.arrow();
        [debit, credit].map(|kind| {
            let partner_id = (kind != AccountKind::Expense).then_some(self.partner_id);
            (self.program_id, partner_id, self.currency, kind)
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

fn row((program_id, partner_id, currency, kind): Key, account_id: AccountId, act: &Act) -> Row {
    Row { id: act.ids.next(act.now), account_id, program_id, kind, partner_id, currency }
}

async fn find(
    conn: &mut AsyncPgConnection,
    postings: &[Posting],
) -> QueryResult<HashMap<Key, LedgerAccountId>> {
    use ledger_accounts as a;
    let mut programs: Vec<_> = postings.iter().map(|posting| posting.program_id).collect();
    let mut partners: Vec<_> = postings.iter().map(|posting| posting.partner_id).collect();
    programs.sort_unstable();
    programs.dedup();
    partners.sort_unstable();
    partners.dedup();
    let rows: Vec<(LedgerAccountId, ProgramId, Option<PartnerId>, Currency, AccountKind)> = a::table
        .filter(a::program_id.eq_any(programs))
        .filter(a::partner_id.is_null().or(a::partner_id.eq_any(partners)))
        .select((a::id, a::program_id, a::partner_id, a::currency, a::kind))
        .load(conn)
        .await?;
    let keyed = |(id, program_id, partner_id, currency, kind)| ((program_id, partner_id, currency, kind), id);
    Ok(rows.into_iter().map(keyed).collect())
}
