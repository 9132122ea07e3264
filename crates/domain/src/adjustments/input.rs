use chrono::{DateTime, SubsecRound, Utc};
use ids::{ProgramId, TransactionId};
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{AdjustmentBasis, AdjustmentKind, RefundLine, RefundLines};
use crate::{
    idempotency::{Fingerprint, fingerprint},
    text::{self, Checks, FieldProblem, TextProblem},
};

/// The most minor units of an amount: as many as a sale may have.
const MOST_MINOR: i64 = 10_000_000_000_000;
/// The most lines of a refund: as many as a sale may have.
const MOST_LINES: usize = 1_001;

/// How an adjustment names its sale.
#[derive(Debug, Clone)]
pub enum SaleNamed {
    /// By its id: it has been recorded.
    Id(TransactionId),
    /// By its key: it may arrive later.
    Key {
        /// The program.
        program_id: ProgramId,
        /// The caller's name for the sale.
        key: String,
    },
}

/// A refund, chargeback or void as the caller says it.
#[derive(Debug, Clone)]
pub struct NewAdjustment {
    /// Of which sale.
    pub sale: SaleNamed,
    /// The caller's name for it: 1 to 255 characters, unique in the program.
    pub key: String,
    /// What happened.
    pub what: NewAdjustmentKind,
    /// When it happened, cut to microseconds; now if absent.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// What happened to the sale.
#[derive(Debug, Clone)]
pub enum NewAdjustmentKind {
    /// An amount, or amounts of lines, were given back.
    Refund(NewRefund),
    /// The payer's bank took everything back.
    Chargeback,
    /// The sale never was.
    Void,
}

/// What was given back. Amounts are decimals in major units.
#[derive(Debug, Clone, Default)]
pub struct NewRefund {
    /// Above 0; needed where no lines are named, which beat it.
    pub amount: Option<Decimal>,
    /// The sale's, if absent; needed while the sale is unknown.
    pub currency: Option<Currency>,
    /// What the amount is a part of; the gross if absent.
    pub basis: Option<AdjustmentBasis>,
    /// Net amounts of lines; several of one line add up.
    pub lines: Vec<NewRefundLine>,
}

/// What was given back of one line.
#[derive(Debug, Clone, Serialize)]
pub struct NewRefundLine {
    /// The line, numbered from 0.
    pub line: i32,
    /// Net, above 0.
    pub amount: Decimal,
}

/// A won dispute as the caller says it.
#[derive(Debug, Clone)]
pub struct NewChargebackWon {
    /// The program.
    pub program_id: ProgramId,
    /// The key of the chargeback, which may arrive later.
    pub chargeback_key: String,
    /// The caller's name for the won dispute.
    pub key: String,
    /// When it was won, cut to microseconds; now if absent.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// An adjustment whose names are in order; its amounts are not looked at yet.
pub(super) struct Named {
    pub(super) key: String,
    pub(super) kind: AdjustmentKind,
    pub(super) transaction_key: Option<String>,
    pub(super) chargeback_key: Option<String>,
    pub(super) refund: NewRefund,
    pub(super) occurred_at: Option<DateTime<Utc>>,
}

/// The amounts of a refund in minor units.
#[derive(Default)]
pub(super) struct Amounts {
    pub(super) currency: Option<Currency>,
    pub(super) amount: Option<i64>,
    pub(super) lines: Option<RefundLines>,
}

/// What was said, as it is remembered: amounts by value, texts and times as they are kept.
#[derive(Serialize)]
struct Words<'a> {
    kind: AdjustmentKind,
    transaction_key: Option<&'a str>,
    chargeback_key: Option<&'a str>,
    amount: Option<Decimal>,
    currency: Option<Currency>,
    basis: AdjustmentBasis,
    lines: Vec<(i32, Decimal)>,
    occurred_at: Option<DateTime<Utc>>,
}

impl NewAdjustment {
    /// The names, checked at once; the sale's key is known by now.
    pub(super) fn named(&self, transaction_key: &str) -> Result<Named, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let key = checks.take("key", text::line(&self.key, 255));
        let transaction_key = checks.take("transactionKey", text::line(transaction_key, 255));
        let (kind, refund) = match &self.what {
            NewAdjustmentKind::Refund(refund) => (AdjustmentKind::Refund, refund.clone()),
            NewAdjustmentKind::Chargeback => (AdjustmentKind::Chargeback, NewRefund::default()),
            NewAdjustmentKind::Void => (AdjustmentKind::Void, NewRefund::default()),
        };
        let key = checks.done(key)?.unwrap_or_default();
        let occurred_at = self.occurred_at.map(|at| at.trunc_subsecs(6));
        Ok(Named { key, kind, transaction_key, chargeback_key: None, refund, occurred_at })
    }
}

impl NewChargebackWon {
    /// The names, checked at once.
    pub(super) fn named(&self) -> Result<Named, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let key = checks.take("key", text::line(&self.key, 255));
        let chargeback_key = checks.take("chargebackKey", text::line(&self.chargeback_key, 255));
        Ok(Named {
            key: checks.done(key)?.unwrap_or_default(),
            kind: AdjustmentKind::ChargebackWon,
            transaction_key: None,
            chargeback_key,
            refund: NewRefund::default(),
            occurred_at: self.occurred_at.map(|at| at.trunc_subsecs(6)),
        })
    }
}

impl Named {
    pub(super) fn basis(&self) -> AdjustmentBasis {
        self.refund.basis.unwrap_or(AdjustmentBasis::Gross)
    }

    /// The fingerprint of what was said: 10.0 and 10.00 are the same words. What is found out later, as the key of a won
    /// dispute's sale, is no part of it.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let line = |line: &NewRefundLine| (line.line, line.amount.normalize());
        fingerprint(&Words {
            kind: self.kind,
            transaction_key: self.transaction_key.as_deref(),
            chargeback_key: self.chargeback_key.as_deref(),
            amount: self.refund.amount.map(|amount| amount.normalize()),
            currency: self.refund.currency,
            basis: self.basis(),
            lines: self.refund.lines.iter().map(line).collect(),
            occurred_at: self.occurred_at,
        })
    }

    /// The amounts in the sale's currency, or in the one that was said while the sale is unknown.
    pub(super) fn amounts(&self, of_sale: Option<Currency>) -> Result<Amounts, Vec<FieldProblem>> {
        let currency = of_sale.or(self.refund.currency);
        if self.kind != AdjustmentKind::Refund {
            return Ok(Amounts { currency, ..Amounts::default() });
        }
        let missing = |field| Err(vec![FieldProblem::of(field, TextProblem::Missing)]);
        if self.refund.amount.is_none() && self.refund.lines.is_empty() {
            return missing("amount");
        }
        let Some(currency) = currency else { return missing("currency") };
        let mut checks = Checks::default();
        let amount = self.refund.amount.map(|amount| checks.take("amount", minor(amount, currency)));
        let lines = self.lines(currency, &mut checks);
        let lines = (!lines.is_empty()).then_some(RefundLines(lines));
        checks.done(Amounts { currency: Some(currency), amount: amount.flatten(), lines })
    }

    fn lines(&self, currency: Currency, checks: &mut Checks) -> Vec<RefundLine> {
        let said = &self.refund.lines;
        if said.len() > MOST_LINES {
            checks.0.push(FieldProblem::of("lines", TextProblem::TooLong { limit: MOST_LINES }));
            return Vec::new();
        }
        let mut malformed = |place: usize, field: &str| {
            let path = vec!["lines".to_owned(), place.to_string(), field.to_owned()];
            checks.0.push(FieldProblem { path, problem: TextProblem::Malformed });
        };
        let mut lines = Vec::with_capacity(said.len());
        for (place, line) in said.iter().enumerate() {
            match (usize::try_from(line.line), minor(line.amount, currency)) {
                (Ok(line), Ok(amount)) => lines.push(RefundLine { line, amount }),
                (Err(_), _) => malformed(place, "line"),
                (_, Err(_)) => malformed(place, "amount"),
            }
        }
        lines
    }
}

/// An amount above 0 in minor units.
fn minor(amount: Decimal, currency: Currency) -> Result<i64, TextProblem> {
    let minor = Money::from_decimal(amount, currency).map_err(|_| TextProblem::Malformed)?.minor();
    if (1..=MOST_MINOR).contains(&minor) { Ok(minor) } else { Err(TextProblem::Malformed) }
}
