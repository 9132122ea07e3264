use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, LedgerAccountId, LedgerTransferId};
use money::Currency;
use uuid::Uuid;

use super::{Posting, TransferReason, accounts::Accounts, balance};
use crate::{act::Act, prepared::Prepare, schema::ledger_transfers};

/// Rows of one INSERT: nine parameters each.
const ROWS_PER_INSERT: usize = 5_000;

#[derive(Insertable)]
#[diesel(table_name = ledger_transfers)]
struct Row {
    id: LedgerTransferId,
    account_id: AccountId,
    debit: LedgerAccountId,
    credit: LedgerAccountId,
    currency: Currency,
    amount: i64,
    reason: TransferReason,
    source: Uuid,
    at: chrono::DateTime<chrono::Utc>,
}

/// Posts transfers and folds them into the balances, in the caller's transaction. Locks come in the order
/// that domain.md gives: whoever locks a program's cursor or rewards does it before.
///
/// # Errors
/// The database's: a second move with the same reason and source is a violation of `ledger_transfers_source_key`, an
/// overdrawn account of a check.
pub async fn post(conn: &mut AsyncPgConnection, postings: &[Posting], act: &Act) -> QueryResult<()> {
    if postings.is_empty() {
        return Ok(());
    }
    let accounts = Accounts::ensure(conn, postings, act).await?;
    let rows: Vec<Row> = postings
        .iter()
        .map(|posting| {
            let (debit, credit) = accounts.of(posting).ok_or(diesel::result::Error::NotFound)?;
            Ok(Row {
                id: act.ids.next(act.now),
                account_id: posting.account_id,
                debit,
                credit,
                currency: posting.currency,
                amount: posting.amount,
                reason: posting.reason,
                source: posting.source,
                at: act.now,
            })
        })
        .collect::<QueryResult<_>>()?;
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(ledger_transfers::table)
            .values(chunk)
            .prepared_for(chunk.len())
            .execute(conn)
            .await?;
    }
    balance::apply(conn, postings).await
}
