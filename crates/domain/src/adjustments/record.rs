use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;
use money::{Currency, Money};

use super::{
    AdjustedPayload, Adjustment, AdjustmentKind, NewAdjustment, NewChargebackWon, NoRoom, SaleNamed,
    Standing, TransactionStatus, input::Named,
};
use crate::{
    act::Act,
    events::{self, EventKind, NewEvent},
    programs::{Program, ProgramStatus},
    schema::adjustments,
    scope::AccountScope,
    text::{FieldProblem, TextProblem},
    transactions::{Transaction, TransactionItem},
};

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum AdjustError {
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// No sale of that id in reach.
    #[error("no such sale")]
    TransactionNotFound,
    /// Drafts have no sales to adjust.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// Fields that are refused, all at once.
    #[error("invalid fields")]
    Invalid(Vec<FieldProblem>),
    /// The key names an adjustment of other words.
    #[error("the key was used with other words")]
    KeyMismatch,
    /// The currency is not the sale's.
    #[error("the sale is in {sale}")]
    CurrencyMismatch {
        /// The sale's currency.
        sale: Currency,
    },
    /// A named line is none of the sale's.
    #[error("the sale has {lines} lines")]
    UnknownLine {
        /// Which of the named lines, counted from 0.
        place: usize,
        /// How many lines the sale has.
        lines: usize,
    },
    /// A chargeback that stands, or a void, took everything back.
    #[error("the sale is {status}")]
    NothingLeft {
        /// What became of the sale.
        status: TransactionStatus,
    },
    /// The refunds of the sale together would exceed it.
    #[error("{left} of the sale are left")]
    ExceedsSale {
        /// What is left of the gross, rounded down.
        left: Money,
    },
    /// The key that a won dispute names is that of another kind of adjustment.
    #[error("that adjustment is no chargeback")]
    NotAChargeback,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<NoRoom> for AdjustError {
    fn from(no_room: NoRoom) -> Self {
        match no_room {
            NoRoom::NothingLeft(status) => Self::NothingLeft { status },
            NoRoom::Exceeds { left } => Self::ExceedsSale { left },
        }
    }
}

impl Adjustment {
    /// Records a refund, chargeback or void of a sale, once per key; the same words again are answered with the first. A sale
    /// that exists is locked meanwhile, so that its refunds together never exceed it; one that does not may arrive later.
    ///
    /// # Errors
    /// [`AdjustError`].
    pub async fn record(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewAdjustment,
        act: &Act,
    ) -> Result<Self, AdjustError> {
        let (program, sale_key) = find_named(conn, scope, &said.sale).await?;
        let named = said.named(&sale_key).map_err(AdjustError::Invalid)?;
        conn.transaction(async |conn| {
            let key = named.transaction_key.as_deref().unwrap_or_default();
            let sale = Transaction::lock_by_key(conn, program.id, key).await?;
            let fingerprint = named.fingerprint();
            if let Some(before) = replayed(conn, program.id, &named.key, &fingerprint).await? {
                return before;
            }
            let new = complete(&program, &named, sale.as_ref(), act)?;
            if let Some(sale) = &sale {
                check(conn, scope, sale, &new).await?;
            }
            insert(conn, new, act).await
        })
        .await
    }

    /// Records that a chargeback was won, once per key. The chargeback may arrive later.
    ///
    /// # Errors
    /// [`AdjustError`].
    pub async fn record_won(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewChargebackWon,
        act: &Act,
    ) -> Result<Self, AdjustError> {
        let found = Program::find(conn, scope, said.program_id).await?;
        let program = found.ok_or(AdjustError::ProgramNotFound)?;
        let named = said.named().map_err(AdjustError::Invalid)?;
        conn.transaction(async |conn| {
            let fingerprint = named.fingerprint();
            if let Some(before) = replayed(conn, program.id, &named.key, &fingerprint).await? {
                return before;
            }
            let chargeback_key = named.chargeback_key.as_deref().unwrap_or_default();
            let chargeback = find_by_key(conn, program.id, chargeback_key).await?;
            if chargeback.as_ref().is_some_and(|named| named.kind != AdjustmentKind::Chargeback) {
                return Err(AdjustError::NotAChargeback);
            }
            let new = complete(&program, &named, None, act)?;
            let transaction_key = chargeback.and_then(|chargeback| chargeback.transaction_key);
            insert(conn, Self { transaction_key, ..new }, act).await
        })
        .await
    }
}

/// The program and the key of the sale that is named.
async fn find_named(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    sale: &SaleNamed,
) -> Result<(Program, String), AdjustError> {
    let (program_id, key) = match sale {
        SaleNamed::Key { program_id, key } => (*program_id, key.clone()),
        SaleNamed::Id(id) => {
            let sale = Transaction::find_all(conn, scope, &[*id]).await?.pop();
            let sale = sale.ok_or(AdjustError::TransactionNotFound)?;
            (sale.program_id, sale.key)
        }
    };
    let program = Program::find(conn, scope, program_id).await?;
    Ok((program.ok_or(AdjustError::ProgramNotFound)?, key))
}

/// What the key names already: that adjustment if it was said in the same words, or the conflict.
async fn replayed(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    key: &str,
    fingerprint: &[u8],
) -> QueryResult<Option<Result<Adjustment, AdjustError>>> {
    let before = find_by_key(conn, program_id, key).await?;
    Ok(before.map(
        |before| {
            if before.fingerprint == fingerprint { Ok(before) } else { Err(AdjustError::KeyMismatch) }
        },
    ))
}

async fn find_by_key(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    key: &str,
) -> QueryResult<Option<Adjustment>> {
    adjustments::table
        .filter(adjustments::program_id.eq(program_id))
        .filter(adjustments::key.eq(key))
        .select(Adjustment::as_select())
        .first(conn)
        .await
        .optional()
}

/// The adjustment as a row, if it may be recorded now; what was recorded before is answered for ever.
fn complete(
    program: &Program,
    named: &Named,
    sale: Option<&Transaction>,
    act: &Act,
) -> Result<Adjustment, AdjustError> {
    if program.status == ProgramStatus::Draft {
        return Err(AdjustError::WrongState { current: program.status });
    }
    let occurred_at = named.occurred_at.unwrap_or(act.now);
    if !program.accepts_time(occurred_at, act.now) {
        return Err(AdjustError::Invalid(vec![FieldProblem::of("occurredAt", TextProblem::Malformed)]));
    }
    let of_sale = sale.map(|sale| sale.currency);
    if let (Some(sale), Some(said)) = (of_sale, named.refund.currency)
        && sale != said
    {
        return Err(AdjustError::CurrencyMismatch { sale });
    }
    let amounts = named.amounts(of_sale).map_err(AdjustError::Invalid)?;
    Ok(Adjustment {
        id: act.ids.next(act.now),
        account_id: program.account_id,
        program_id: program.id,
        transaction_key: named.transaction_key.clone(),
        transaction_id: None,
        kind: named.kind,
        key: named.key.clone(),
        currency: amounts.currency,
        amount: amounts.amount,
        basis: named.basis(),
        lines: amounts.lines,
        chargeback_key: named.chargeback_key.clone(),
        refused: None,
        occurred_at,
        fingerprint: named.fingerprint(),
        created_at: act.now,
    })
}

/// Whether the sale, which is locked, has the lines of a refund and room for it. A chargeback or void takes what is left.
async fn check(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    sale: &Transaction,
    new: &Adjustment,
) -> Result<(), AdjustError> {
    if new.kind != AdjustmentKind::Refund {
        return Ok(());
    }
    let items = TransactionItem::of(conn, scope, &[sale.id]).await?;
    let lines = sale.line_count(&items);
    let named = new.lines.iter().flat_map(|lines| &lines.0);
    if let Some(place) = named.into_iter().position(|named| named.line >= lines) {
        return Err(AdjustError::UnknownLine { place, lines });
    }
    let before = Adjustment::of_sales(conn, scope, &[(sale.program_id, sale.key.clone())]).await?;
    Ok(Standing::new(sale, lines, &before).admits(new)?)
}

async fn insert(conn: &mut AsyncPgConnection, new: Adjustment, act: &Act) -> Result<Adjustment, AdjustError> {
    let inserted = diesel::insert_into(adjustments::table)
        .values(&new)
        .on_conflict((adjustments::program_id, adjustments::key))
        .do_nothing()
        .execute(conn)
        .await?;
    if inserted == 0 {
        // Another call recorded the key after this one looked: it has committed by now.
        let before = replayed(conn, new.program_id, &new.key, &new.fingerprint).await?;
        return before.unwrap_or(Err(AdjustError::KeyMismatch));
    }
    let payload = AdjustedPayload {
        adjustment_id: new.id,
        transaction_key: new.transaction_key.clone(),
        kind: new.kind,
    };
    let kind = EventKind::TransactionAdjusted;
    let event = NewEvent::of_program(new.account_id, new.program_id, kind, new.id, &payload);
    events::record(conn, act, &[event]).await?;
    Ok(new)
}
