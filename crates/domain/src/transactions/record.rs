use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, ProgramId, TransactionId};

use super::{NewTransaction, RecordedPayload, Transaction, TransactionItem, buyers, input::Checked};
use crate::{
    act::Act,
    events::{self, EventKind, NewEvent},
    prepared::Prepare,
    programs::{Program, ProgramStatus},
    schema::{transaction_items, transactions},
    scope::AccountScope,
    text::{FieldProblem, TextProblem},
};

/// The most sales of one call.
pub const MOST_AT_ONCE: usize = 1_000;

/// Rows of one INSERT of items: seven parameters each.
const ITEMS_PER_INSERT: usize = 8_000;

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// Drafts and archived programs refuse sales.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// More sales than a call may have.
    #[error("more than {MOST_AT_ONCE} sales")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// Why one sale of a call was not recorded; its key stays free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordRefusal {
    /// Fields that are refused, all at once.
    Invalid(Vec<FieldProblem>),
    /// The key names a sale of other words.
    KeyMismatch,
}

impl Transaction {
    /// Records sales of a program, in the order given, and answers each by itself: the sale, be it new or recorded before
    /// by the same words, or why it was refused. Unknown customers are created. All that is recorded commits together.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn record_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        said: &[NewTransaction],
        act: &Act,
    ) -> Result<Vec<Result<Self, RecordRefusal>>, RecordError> {
        if said.len() > MOST_AT_ONCE {
            return Err(RecordError::TooMany);
        }
        let program = Program::find(conn, scope, program_id).await?.ok_or(RecordError::ProgramNotFound)?;
        if !program.status.accepts_sales() {
            return Err(RecordError::WrongState { current: program.status });
        }
        let checked: Vec<_> = said.iter().map(|sale| sale.checked(&program, act)).collect();
        let mut known = buyers::known(conn, &program, &checked).await?;
        let recorded = conn
            .transaction(async |conn| {
                buyers::create_missing(conn, &program, &checked, &mut known, act).await?;
                let recorded = insert(conn, &checked, &known, act).await?;
                buyers::activate(conn, &program, &recorded, &known, act).await?;
                Ok::<_, RecordError>(recorded)
            })
            .await?;
        let before = replayed(conn, &program, &checked, &recorded).await?;
        Ok(checked.into_iter().map(|checked| answer(checked, &recorded, &before)).collect())
    }
}

/// The sales that are recorded now, by key.
pub(super) type Recorded = HashMap<String, Transaction>;

/// Inserts what is new, in the order of the keys: calls with common keys wait for each other, never in a circle.
async fn insert(
    conn: &mut AsyncPgConnection,
    checked: &[Result<Checked, Vec<FieldProblem>>],
    known: &buyers::Known,
    act: &Act,
) -> QueryResult<Recorded> {
    let mut seen = HashSet::new();
    let valid = checked.iter().flatten().filter(|checked| checked.is_timely);
    // Of sales with one key in a call the first counts; the others are replays, or conflicts, of it.
    let firsts: Vec<&Checked> = valid.filter(|checked| seen.insert(checked.sale.key.as_str())).collect();
    let mut rows: Vec<Transaction> = firsts
        .iter()
        .filter_map(|checked| {
            let customer_id = known.get(&checked.customer_key)?.id;
            Some(Transaction { customer_id, ..checked.sale.clone() })
        })
        .collect();
    if rows.is_empty() {
        return Ok(Recorded::new());
    }
    rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    let made: Vec<TransactionId> = diesel::insert_into(transactions::table)
        .values(&rows)
        .on_conflict((transactions::program_id, transactions::key))
        .do_nothing()
        .returning(transactions::id)
        .prepared_for(rows.len())
        .get_results(conn)
        .await?;
    let made: HashSet<TransactionId> = made.into_iter().collect();
    let recorded: Recorded =
        rows.into_iter().filter(|row| made.contains(&row.id)).map(|row| (row.key.clone(), row)).collect();
    let news: Vec<&Checked> = firsts.into_iter().filter(|checked| made.contains(&checked.sale.id)).collect();
    insert_items(conn, &news).await?;
    let events: Vec<_> =
        news.iter().filter_map(|new| recorded.get(&new.sale.key)).map(recorded_event).collect();
    events::record(conn, act, &events).await?;
    Ok(recorded)
}

async fn insert_items(conn: &mut AsyncPgConnection, news: &[&Checked]) -> QueryResult<()> {
    let items: Vec<&TransactionItem> = news.iter().flat_map(|new| &new.items).collect();
    for chunk in items.chunks(ITEMS_PER_INSERT) {
        diesel::insert_into(transaction_items::table)
            .values(chunk.to_vec())
            .prepared_for(chunk.len())
            .execute(conn)
            .await?;
    }
    Ok(())
}

fn recorded_event(sale: &Transaction) -> NewEvent {
    let payload = RecordedPayload { transaction_id: sale.id, customer_id: sale.customer_id };
    let kind = EventKind::TransactionRecorded;
    NewEvent::of_program(sale.account_id, sale.program_id, kind, sale.id, &payload)
}

/// The sales of these keys that were there before.
async fn replayed(
    conn: &mut AsyncPgConnection,
    program: &Program,
    checked: &[Result<Checked, Vec<FieldProblem>>],
    recorded: &Recorded,
) -> QueryResult<Recorded> {
    let keys: Vec<&str> = checked
        .iter()
        .flatten()
        .map(|checked| checked.sale.key.as_str())
        .filter(|key| !recorded.contains_key(*key))
        .collect();
    if keys.is_empty() {
        return Ok(Recorded::new());
    }
    let rows: Vec<Transaction> = transactions::table
        .filter(transactions::program_id.eq(program.id))
        .filter(transactions::key.eq_any(keys))
        .select(Transaction::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

fn answer(
    checked: Result<Checked, Vec<FieldProblem>>,
    recorded: &Recorded,
    before: &Recorded,
) -> Result<Transaction, RecordRefusal> {
    let Checked { sale, is_timely, .. } = checked.map_err(RecordRefusal::Invalid)?;
    match recorded.get(&sale.key).or_else(|| before.get(&sale.key)) {
        Some(first) if first.fingerprint == sale.fingerprint => Ok(first.clone()),
        None if !is_timely => {
            Err(RecordRefusal::Invalid(vec![FieldProblem::of("occurredAt", TextProblem::Malformed)]))
        }
        Some(_) | None => Err(RecordRefusal::KeyMismatch),
    }
}

/// The buyers of the sales that may be recorded, by the caller's key.
pub(super) fn distinct_keys(checked: &[Result<Checked, Vec<FieldProblem>>]) -> Vec<&str> {
    let timely = checked.iter().flatten().filter(|checked| checked.is_timely);
    let mut keys: Vec<&str> = timely.map(|checked| checked.customer_key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A buyer as far as recording needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyer {
    pub(super) id: CustomerId,
    pub(super) is_lead: bool,
}
