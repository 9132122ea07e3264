use chrono::NaiveDate;
use money::{Money, MoneyError};
use serde::Serialize;

use crate::{Amount, Line, Party, Period};

/// What a payee earned and was paid in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its id where it was made.
    pub id: String,
    /// Its number, unique for the issuer.
    pub number: String,
    /// The day on which it was made.
    pub issued_on: NaiveDate,
    /// The days that it is about.
    pub period: Period,
    /// Who pays.
    pub issuer: Party,
    /// Who is paid.
    pub payee: Party,
    /// What was owed to the payee before the period; below zero if the payee owed it.
    pub opening: Amount,
    /// What happened, in the order in which it is shown.
    pub lines: Vec<Line>,
    /// What else is to be said, a paragraph each.
    pub notes: Vec<String>,
}

/// What the lines of a statement sum to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StatementTotals {
    /// The sum of what is above zero.
    pub total_in: Amount,
    /// The sum of what is below zero; itself below zero, or zero.
    pub total_out: Amount,
    /// What is owed after the period: the opening amount and both sums.
    pub closing: Amount,
}

/// A statement with its sums, as it is signed.
#[derive(Serialize)]
struct Complete<'a> {
    document: &'static str,
    #[serde(flatten)]
    statement: &'a Statement,
    #[serde(flatten)]
    totals: StatementTotals,
}

impl Statement {
    /// What the lines sum to.
    ///
    /// # Errors
    /// When the lines are not all of the currency of the opening amount, or a sum is out of range.
    pub fn totals(&self) -> Result<StatementTotals, MoneyError> {
        let zero = Money::zero(self.opening.0.currency());
        let (mut total_in, mut total_out) = (zero, zero);
        for Line { amount: Amount(amount), .. } in &self.lines {
            let total = if amount.minor() < 0 { &mut total_out } else { &mut total_in };
            *total = total.checked_add(*amount)?;
        }
        let closing = self.opening.0.checked_add(total_in)?.checked_add(total_out)?;
        Ok(StatementTotals {
            total_in: total_in.into(),
            total_out: total_out.into(),
            closing: closing.into(),
        })
    }

    /// All of it with its sums, to be signed or sent as JSON. Its `document` is `payout_statement/1`.
    ///
    /// # Errors
    /// As [`Statement::totals`].
    pub fn complete(&self) -> Result<impl Serialize, MoneyError> {
        Ok(Complete { document: "payout_statement/1", statement: self, totals: self.totals()? })
    }
}
