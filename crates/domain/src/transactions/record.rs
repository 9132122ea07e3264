use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, ProgramId, TransactionId};

use super::{
    NewTransaction, RecordedPayload, Transaction, TransactionItem, buyers,
    input::Checked,
    referrals::{self, Referrals},
};
use crate::{
    act::Act,
    customers::ReferrerProblem,
    deltas::{Added, Deltas},
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
    /// Drafts and archived programs refuse sales, and none of the call was recorded before.
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
    /// The customer who is named as referring the buyer does not.
    Referrer(ReferrerProblem),
    /// The program refuses new sales; others of the call were recorded before.
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
}

impl Transaction {
    /// Records sales of a program, in the order given, and answers each by itself: the sale, be it new or recorded before
    /// by the same words, or why it was refused. What was recorded before
    /// is answered whatever the program's state. Unknown customers are created; the event of the sale is the trail of both.
    /// All that is recorded commits together.
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
        let is_open = program.status.accepts_sales();
        let checked: Vec<_> = said.iter().map(|sale| sale.checked(&program, act)).collect();
        let known = buyers::known(conn, &program, &checked).await?;
        let mut before = Recorded::new();
        // A buyer is created, or referred, for a sale that is new and for no other: then one must know which are.
        let refers = checked.iter().flatten().any(|sale| sale.referring_customer_key.is_some());
        if !is_open || refers || distinct_keys(&checked).iter().any(|key| !known.contains_key(*key)) {
            find(conn, &program, &checked, &Recorded::new(), &mut before).await?;
        }
        if !is_open && before.is_empty() {
            return Err(RecordError::WrongState { current: program.status });
        }
        let referrals = Referrals::look_up(conn, &program, &checked, &before, act).await?;
        let mut recorded = (!is_open).then(Recorded::new);
        while recorded.is_none() {
            let news = news(&checked, &before, &referrals);
            let with = (&known, &referrals);
            let done = conn.transaction(async |conn| record_new(conn, &program, &news, with, act).await);
            match done.await {
                Ok(done) => recorded = Some(done),
                // What stood in the way is found now: each time there is less that is new.
                Err(Undone::Raced) => find(conn, &program, &checked, &Recorded::new(), &mut before).await?,
                Err(Undone::Database(error)) => return Err(error.into()),
            }
        }
        let recorded = recorded.unwrap_or_default();
        find(conn, &program, &checked, &recorded, &mut before).await?;
        let answer = |checked| answer(&program, checked, (&recorded, &before), &referrals);
        Ok(checked.into_iter().map(answer).collect())
    }
}

/// Sales by key.
pub(super) type Recorded = HashMap<String, Transaction>;

type Said = [Result<Checked, Vec<FieldProblem>>];

/// Why a transaction of this module is rolled back.
enum Undone {
    /// Another call recorded one of the sales after this one looked, and a buyer may have been created or referred for nothing.
    Raced,
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// The sales that may be recorded now. Of those with one key in a call the first counts; the others are replays, or
/// conflicts, of it.
fn news<'a>(checked: &'a Said, before: &Recorded, referrals: &Referrals) -> Vec<&'a Checked> {
    let mut seen = HashSet::new();
    let timely = checked.iter().flatten().filter(|checked| checked.is_timely);
    let valid = timely.filter(|checked| referrals.of(checked).is_ok());
    let new = valid.filter(|checked| !before.contains_key(&checked.sale.key));
    new.filter(|checked| seen.insert(checked.sale.key.as_str())).collect()
}

async fn record_new(
    conn: &mut AsyncPgConnection,
    program: &Program,
    news: &[&Checked],
    (known, referrals): (&buyers::Known, &Referrals),
    act: &Act,
) -> Result<Recorded, Undone> {
    let (mut known, mut deltas, referred) = (known.clone(), program.deltas(), referrals.of_buyers(news));
    let created =
        buyers::create_missing(conn, program, news, &referred, (&mut known, &mut deltas), act).await?;
    let has_attributed = referrals::attribute(conn, program, (&referred, &created), &mut deltas, act).await?;
    let recorded = insert(conn, news, &known, act).await?;
    if (has_attributed || !created.is_empty()) && recorded.len() < news.len() {
        return Err(Undone::Raced);
    }
    buyers::activate(conn, &recorded, &known, act).await?;
    recorded.values().for_each(|sale| count(&mut deltas, sale));
    deltas.append(conn).await?;
    Ok(recorded)
}

/// Adds a sale to the program's figures, on its own day.
fn count(deltas: &mut Deltas, sale: &Transaction) {
    let added = Added { sales: 1, revenue: sale.net, ..Added::default() };
    deltas.of_program(sale.occurred_at, sale.currency, added);
}

/// Inserts what is new, in the order of the keys: calls with common keys wait for each other, never in a circle.
async fn insert(
    conn: &mut AsyncPgConnection,
    firsts: &[&Checked],
    known: &buyers::Known,
    act: &Act,
) -> QueryResult<Recorded> {
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
    let news: Vec<&Checked> =
        firsts.iter().copied().filter(|checked| made.contains(&checked.sale.id)).collect();
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

/// Adds the sales of the call that were there before, but for those that are recorded now.
async fn find(
    conn: &mut AsyncPgConnection,
    program: &Program,
    checked: &Said,
    recorded: &Recorded,
    before: &mut Recorded,
) -> QueryResult<()> {
    let keys: Vec<&str> = checked
        .iter()
        .flatten()
        .map(|checked| checked.sale.key.as_str())
        .filter(|key| !recorded.contains_key(*key) && !before.contains_key(*key))
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<Transaction> = transactions::table
        .filter(transactions::program_id.eq(program.id))
        .filter(transactions::key.eq_any(keys))
        .select(Transaction::as_select())
        .load(conn)
        .await?;
    before.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
    Ok(())
}

fn answer(
    program: &Program,
    checked: Result<Checked, Vec<FieldProblem>>,
    (recorded, before): (&Recorded, &Recorded),
    referrals: &Referrals,
) -> Result<Transaction, RecordRefusal> {
    let checked = checked.map_err(RecordRefusal::Invalid)?;
    let referral = referrals.of(&checked).map(|_| ());
    let Checked { sale, is_timely, .. } = checked;
    match recorded.get(&sale.key).or_else(|| before.get(&sale.key)) {
        Some(first) if first.fingerprint == sale.fingerprint => Ok(first.clone()),
        Some(_) => Err(RecordRefusal::KeyMismatch),
        None if !program.status.accepts_sales() => Err(RecordRefusal::WrongState { current: program.status }),
        None if !is_timely => {
            Err(RecordRefusal::Invalid(vec![FieldProblem::of("occurredAt", TextProblem::Malformed)]))
        }
        None => Err(referral.err().map_or(RecordRefusal::KeyMismatch, RecordRefusal::Referrer)),
    }
}

/// The buyers of the sales that may be recorded, by the caller's key.
pub(super) fn distinct_keys(checked: &Said) -> Vec<&str> {
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
