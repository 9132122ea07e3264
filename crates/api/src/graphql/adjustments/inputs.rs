use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::adjustments::{
    NewAdjustment, NewAdjustmentKind, NewChargebackWon, NewRefund, NewRefundLine, SaleNamed,
};
use ids::{ProgramId, TransactionId};
use rust_decimal::Decimal;

use super::enums::{AdjustmentBasis, AdjustmentKind};
use crate::graphql::{
    error::{UserError, UserErrorCode},
    scalars::CurrencyCode,
    years::CommonYears,
};

/// A refund. The sale is named by `transactionId`, or by `programId` and `transactionKey`; by its key also before it arrives.
#[derive(InputObject)]
pub struct RefundInput {
    /// `trx_...`
    transaction_id: Option<TransactionId>,
    /// `prg_...`
    program_id: Option<ProgramId>,
    /// Your name for the sale, which may arrive later.
    transaction_key: Option<String>,
    /// Your name for the refund: 1 to 255 characters, unique among the adjustments of the program. The same key and input again
    /// answer with the same adjustment; other input with the same key is IDEMPOTENCY_MISMATCH.
    key: String,
    /// What was given back, in major units of the currency; above 0, at most 10^13 minor units. Needed unless `lines` are given.
    amount: Option<Decimal>,
    /// The currency of the amounts: that of the sale. Needed while the sale has not arrived.
    currency: Option<CurrencyCode>,
    /// What `amount` is a part of. `lines` are always net.
    #[graphql(default_with = "AdjustmentBasis::Gross")]
    basis: AdjustmentBasis,
    /// What was given back of which lines, at most 1,001; they beat `amount`. Without them the amount is spread over all lines in
    /// proportion to their nets.
    #[graphql(default)]
    lines: Vec<RefundLineInput>,
    /// When it happened; now when left out. At most 24 h ahead, and not older than the program's late sale days.
    #[graphql(validator(custom = "CommonYears"))]
    occurred_at: Option<DateTime<Utc>>,
}

/// What was given back of one line of a sale.
#[derive(InputObject)]
pub struct RefundLineInput {
    /// The line, numbered from 0: the items in the order in which they were said, then what they leave of the net. A sale without
    /// items is line 0. Several amounts of one line add up.
    line: i32,
    /// Net, in major units of the currency; above 0.
    amount: Decimal,
}

/// A chargeback, or a void: it takes back all of the sale. The sale is named by `transactionId`, or by `programId` and
/// `transactionKey`; by its key also before it arrives.
#[derive(InputObject)]
pub struct WholeAdjustmentInput {
    /// `trx_...`
    transaction_id: Option<TransactionId>,
    /// `prg_...`
    program_id: Option<ProgramId>,
    /// Your name for the sale, which may arrive later.
    transaction_key: Option<String>,
    /// Your name for it: 1 to 255 characters, unique among the adjustments of the program. The same key and input again answer
    /// with the same adjustment; other input with the same key is IDEMPOTENCY_MISMATCH.
    key: String,
    /// When it happened; now when left out. At most 24 h ahead, and not older than the program's late sale days.
    #[graphql(validator(custom = "CommonYears"))]
    occurred_at: Option<DateTime<Utc>>,
}

/// A dispute that was won.
#[derive(InputObject)]
pub struct ChargebackWonInput {
    /// `prg_...`
    program_id: ProgramId,
    /// The key of the chargeback, which may arrive later.
    chargeback_key: String,
    /// Your name for the won dispute: 1 to 255 characters, unique among the adjustments of the program. The same key and input
    /// again answer with the same adjustment; other input with the same key is IDEMPOTENCY_MISMATCH.
    key: String,
    /// When it was won; now when left out. At most 24 h ahead, and not older than the program's late sale days.
    #[graphql(validator(custom = "CommonYears"))]
    occurred_at: Option<DateTime<Utc>>,
}

/// The sale of an input: named in one way, and not in both.
fn sale_named(
    id: Option<TransactionId>,
    program_id: Option<ProgramId>,
    key: Option<String>,
) -> Result<SaleNamed, UserError> {
    match (id, program_id, key) {
        (Some(id), None, None) => Ok(SaleNamed::Id(id)),
        (None, Some(program_id), Some(key)) => Ok(SaleNamed::Key { program_id, key }),
        (Some(_), ..) => {
            let sentence = "Name the sale by its id, or by program and key, and not by both.";
            Err(UserError::at(&["input", "transactionId"], UserErrorCode::Invalid, sentence))
        }
        (None, ..) => {
            let sentence = "Name the sale by transactionId, or by programId and transactionKey.";
            Err(UserError::at(&["input", "transactionId"], UserErrorCode::Required, sentence))
        }
    }
}

impl RefundInput {
    /// What the domain records.
    pub(super) fn said(self) -> Result<NewAdjustment, UserError> {
        let line = |line: RefundLineInput| NewRefundLine { line: line.line, amount: line.amount };
        let refund = NewRefund {
            amount: self.amount,
            currency: self.currency.map(|currency| currency.0),
            basis: Some(self.basis.into()),
            lines: self.lines.into_iter().map(line).collect(),
        };
        Ok(NewAdjustment {
            sale: sale_named(self.transaction_id, self.program_id, self.transaction_key)?,
            key: self.key,
            what: NewAdjustmentKind::Refund(refund),
            occurred_at: self.occurred_at,
        })
    }
}

impl WholeAdjustmentInput {
    /// What the domain records.
    pub(super) fn said(self, what: NewAdjustmentKind) -> Result<NewAdjustment, UserError> {
        let sale = sale_named(self.transaction_id, self.program_id, self.transaction_key)?;
        Ok(NewAdjustment { sale, key: self.key, what, occurred_at: self.occurred_at })
    }
}

impl From<ChargebackWonInput> for NewChargebackWon {
    fn from(input: ChargebackWonInput) -> Self {
        Self {
            program_id: input.program_id,
            chargeback_key: input.chargeback_key,
            key: input.key,
            occurred_at: input.occurred_at,
        }
    }
}

/// Which adjustments a list shows.
#[derive(InputObject, Default)]
pub struct AdjustmentFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Of one of these kinds.
    kinds: Option<Vec<AdjustmentKind>>,
    /// True for those whose sale has not arrived (of won disputes: whose chargeback has not), false for the others.
    waiting: Option<bool>,
    /// True for those that were refused, false for the others.
    refused: Option<bool>,
}

impl From<AdjustmentFilter> for domain::adjustments::AdjustmentFilter {
    fn from(filter: AdjustmentFilter) -> Self {
        Self {
            programs: filter.program_ids,
            kinds: filter.kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
            waiting: filter.waiting,
            refused: filter.refused,
        }
    }
}
