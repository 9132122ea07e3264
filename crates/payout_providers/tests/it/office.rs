//! Submissions to try with.

use std::time::Duration;

use money::{Currency, Money};
use payout_providers::{Fees, Handle, LegalForm, Payment, Recipient, Reference, Submission, Tried, Wallet};

pub fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

/// Tried once, so long ago.
pub fn once(ago: Duration) -> Tried {
    Tried { first_ago: ago, last_ago: ago }
}

pub fn references(submission: &Submission) -> Vec<&Reference> {
    submission.payments().iter().map(|payment| &payment.reference).collect()
}

/// So many payments to PayPal accounts: `pay_0` of 10.00, `pay_1` of 10.01, and so on.
pub fn to_paypal(submission: &str, payments: usize) -> Submission {
    of(submission, Currency::USD, payments, |place| Recipient::PayPal {
        handle: Handle::Email(format!("partner{place}@example.com")),
        wallet: Wallet::PayPal,
    })
}

/// So many payments to bank accounts.
pub fn to_banks(submission: &str, payments: usize) -> Submission {
    of(submission, Currency::EUR, payments, |place| Recipient::Bank {
        name: format!("Zoë Müller {place}"),
        form: LegalForm::Person,
        iban: "DE89370400440532013000".parse().unwrap(),
        bic: (place % 2 == 0).then(|| "COBADEFFXXX".parse().unwrap()),
    })
}

pub fn of(
    submission: &str,
    currency: Currency,
    payments: usize,
    recipient: impl Fn(usize) -> Recipient,
) -> Submission {
    let payment = |place: usize| Payment {
        reference: reference(&format!("pay_{place}")),
        amount: Money::new(1000 + i64::try_from(place).unwrap(), currency),
        recipient: recipient(place),
        fees: if place % 5 == 4 { Fees::Recipient } else { Fees::Sender },
        note: format!("Payout {place}"),
    };
    Submission::new(reference(submission), currency, (0..payments).map(payment).collect()).unwrap()
}
