//! ISO 20022 `pain.001.001.09`: an order to a bank for SEPA credit transfers.

mod document;
mod tree;

use chrono::{DateTime, NaiveDate, Utc};
use iban::{Iban, IbanLike};
use money::{Currency, Money};

use crate::{Bic, Recipient, Reference, Submission};

/// The most that one SEPA credit transfer can carry, in cents.
const MOST_MINOR: i64 = 99_999_999_999;

/// Who pays, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor {
    /// The holder of the account.
    pub name: String,
    /// The account.
    pub iban: Iban,
    /// Its bank, where that must be named.
    pub bic: Option<Bic>,
}

/// An order to a bank.
#[derive(Debug, Clone)]
pub struct TransferOrder<'a> {
    /// What is paid. Its reference is the message's id, and each payment's its end-to-end id, both with hyphens for
    /// underscores ([`Reference::at_banks`]).
    pub submission: &'a Submission,
    /// Who pays.
    pub debtor: &'a Debtor,
    /// When the file was made.
    pub created_at: DateTime<Utc>,
    /// When the bank is to pay.
    pub execute_on: NaiveDate,
    /// Whether the bank is to book the sum, instead of each payment.
    pub book_as_one: bool,
}

/// Why a submission cannot be paid by SEPA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPayable {
    /// SEPA pays euros.
    #[error("SEPA pays EUR, not {0}")]
    Currency(Currency),
    /// SEPA pays to accounts with an IBAN of its countries.
    #[error("payment {0}: no account with an IBAN of a SEPA country")]
    Recipient(Reference),
    /// SEPA pays less than a milliard at once.
    #[error("payment {payment}: {amount} is more than one SEPA transfer carries")]
    Amount {
        /// Which payment.
        payment: Reference,
        /// How much it would pay.
        amount: Money,
    },
}

/// Whether SEPA credit transfers reach this recipient: an account with an IBAN of its countries. A bank may refuse a whole order for
/// one that they do not.
pub fn sepa_reaches(recipient: &Recipient) -> bool {
    let Recipient::Bank { iban, .. } = recipient else { return false };
    iban.electronic_str().get(..2).is_some_and(payout_details::is_sepa)
}

/// Whether one SEPA credit transfer can carry this amount.
pub fn sepa_can_carry(amount: Money) -> bool {
    amount.currency() == Currency::EUR && amount.minor() <= MOST_MINOR
}

/// The order as a file. The same order gives the same bytes.
///
/// # Errors
/// [`NotPayable`].
pub fn pain001(order: &TransferOrder<'_>) -> Result<String, NotPayable> {
    let submission = order.submission;
    if submission.currency() != Currency::EUR {
        return Err(NotPayable::Currency(submission.currency()));
    }
    for payment in submission.payments() {
        if !sepa_reaches(&payment.recipient) {
            return Err(NotPayable::Recipient(payment.reference.clone()));
        }
        if payment.amount.minor() > MOST_MINOR {
            return Err(NotPayable::Amount { payment: payment.reference.clone(), amount: payment.amount });
        }
    }
    Ok(document::document(order).to_text())
}
