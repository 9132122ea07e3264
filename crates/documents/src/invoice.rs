use chrono::NaiveDate;
use money::{Currency, Money, MoneyError};
use serde::Serialize;

use crate::{Amount, Line, Party, Period};

/// An invoice that the customer makes out for the supplier: the payer of a partner for what the partner did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SelfBilledInvoice {
    /// Its id where it was made.
    pub id: String,
    /// Its number, unique for the supplier.
    pub number: String,
    /// The day on which it was made.
    pub issued_on: NaiveDate,
    /// The days of the supply.
    pub period: Period,
    /// Who supplied and is paid.
    pub supplier: Party,
    /// Who was supplied, pays, and makes out the invoice.
    pub customer: Party,
    /// The word that a law asks for beside ours, such as `Gutschrift`.
    pub legal_title: Option<String>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What was supplied, net of tax.
    pub lines: Vec<Line>,
    /// The taxes, as they were computed by whoever knows them.
    pub taxes: Vec<Tax>,
    /// What else is to be said, a paragraph each: why no tax is due, how it is paid.
    pub notes: Vec<String>,
}

/// A tax on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tax {
    /// Its name and rate: `VAT 19 %`.
    pub what: String,
    /// On what it is due.
    pub base: Amount,
    /// What it comes to.
    pub amount: Amount,
}

/// What an invoice sums to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct InvoiceTotals {
    /// The sum of the lines.
    pub net: Amount,
    /// The sum of the taxes.
    pub tax: Amount,
    /// Both.
    pub total: Amount,
}

/// An invoice with its sums, as it is signed.
#[derive(Serialize)]
struct Complete<'a> {
    document: &'static str,
    #[serde(flatten)]
    invoice: &'a SelfBilledInvoice,
    #[serde(flatten)]
    totals: InvoiceTotals,
}

impl SelfBilledInvoice {
    /// What it sums to.
    ///
    /// # Errors
    /// When an amount is of another currency, or a sum is out of range.
    pub fn totals(&self) -> Result<InvoiceTotals, MoneyError> {
        let net = sum(self.currency, self.lines.iter().map(|line| line.amount))?;
        let tax = sum(self.currency, self.taxes.iter().map(|tax| tax.amount))?;
        Ok(InvoiceTotals { net: net.into(), tax: tax.into(), total: net.checked_add(tax)?.into() })
    }

    /// All of it with its sums, to be signed or sent as JSON. Its `document` is `self_billed_invoice/1`.
    ///
    /// # Errors
    /// As [`SelfBilledInvoice::totals`].
    pub fn complete(&self) -> Result<impl Serialize, MoneyError> {
        Ok(Complete { document: "self_billed_invoice/1", invoice: self, totals: self.totals()? })
    }
}

fn sum(currency: Currency, mut amounts: impl Iterator<Item = Amount>) -> Result<Money, MoneyError> {
    amounts.try_fold(Money::zero(currency), |sum, amount| sum.checked_add(amount.0))
}
