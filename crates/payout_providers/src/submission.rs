use std::collections::HashSet;

use money::{Currency, Money};

use crate::{Recipient, Reference};

/// What is given to a provider in one go. It never changes once it has been tried: trying again says the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    reference: Reference,
    currency: Currency,
    payments: Vec<Payment>,
    total: Money,
}

/// One payment to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Ours, and unique for ever.
    pub reference: Reference,
    /// Above nothing, in the submission's currency.
    pub amount: Money,
    /// Who is paid, and where.
    pub recipient: Recipient,
    /// Who bears what the provider charges, where the rail can choose.
    pub fees: Fees,
    /// What the recipient reads with the payment. Rails cut it to their own length.
    pub note: String,
}

/// Who bears what a provider charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// Who pays: the recipient gets the amount.
    Sender,
    /// The recipient: the fee is taken from the amount.
    Recipient,
}

/// Payments that are no submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASubmission {
    /// There is nothing to pay.
    #[error("no payment")]
    Empty,
    /// The amount is not above nothing, or of another currency.
    #[error("payment {payment}: {amount} cannot be paid in {currency}")]
    Amount {
        /// Which payment.
        payment: Reference,
        /// What it would pay.
        amount: Money,
        /// The submission's currency.
        currency: Currency,
    },
    /// Two payments have one reference.
    #[error("payment {0} stands twice")]
    Twice(Reference),
    /// The total does not fit 64 bits of minor units.
    #[error("the total is out of range")]
    OutOfRange,
    /// A program's own unit is no money.
    #[error("{0} is no money")]
    Unit(Currency),
}

impl Submission {
    /// Payments under one reference.
    ///
    /// # Errors
    /// [`NotASubmission`]. How many a provider takes at once is its own matter: [`crate::Provider::max_payments`].
    pub fn new(
        reference: Reference,
        currency: Currency,
        payments: Vec<Payment>,
    ) -> Result<Self, NotASubmission> {
        if currency.is_unit() {
            return Err(NotASubmission::Unit(currency));
        }
        let mut total = Money::zero(currency);
        let mut seen = HashSet::new();
        for Payment { reference, amount, .. } in &payments {
            if amount.minor() <= 0 || amount.currency() != currency {
                return Err(NotASubmission::Amount { payment: reference.clone(), amount: *amount, currency });
            }
            if !seen.insert(reference) {
                return Err(NotASubmission::Twice(reference.clone()));
            }
            total = total.checked_add(*amount).map_err(|_| NotASubmission::OutOfRange)?;
        }
        match total.is_zero() {
            true => Err(NotASubmission::Empty),
            false => Ok(Self { reference, currency, payments, total }),
        }
    }

    /// Ours, and the provider's idempotency key.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The currency of every payment.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The payments, at least one, in the order given.
    pub fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// The sum of the payments.
    pub fn total(&self) -> Money {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(reference: &str, minor: i64, currency: Currency) -> Payment {
        Payment {
            reference: reference.parse().unwrap(),
            amount: Money::new(minor, currency),
            recipient: Recipient::ByHand { name: String::new(), details: String::new() },
            fees: Fees::Sender,
            note: String::new(),
        }
    }

    fn of(payments: Vec<Payment>) -> Result<Submission, NotASubmission> {
        Submission::new("s".parse().unwrap(), Currency::USD, payments)
    }

    #[test]
    fn a_submission_adds_up() {
        let two = of(vec![payment("a", 150, Currency::USD), payment("b", 50, Currency::USD)]).unwrap();
        assert_eq!(two.total(), Money::new(200, Currency::USD));
    }

    #[test]
    fn what_cannot_be_paid_is_no_submission() {
        assert_eq!(of(vec![]), Err(NotASubmission::Empty));
        for (minor, currency) in [(0, Currency::USD), (-1, Currency::USD), (1, Currency::EUR)] {
            let refused = of(vec![payment("a", minor, currency)]);
            assert!(matches!(refused, Err(NotASubmission::Amount { .. })), "{minor} {currency}");
        }
        let twice = vec![payment("a", 1, Currency::USD), payment("a", 2, Currency::USD)];
        assert_eq!(of(twice), Err(NotASubmission::Twice("a".parse().unwrap())));
        let huge = vec![payment("a", i64::MAX, Currency::USD), payment("b", 1, Currency::USD)];
        assert_eq!(of(huge), Err(NotASubmission::OutOfRange));
    }
}
