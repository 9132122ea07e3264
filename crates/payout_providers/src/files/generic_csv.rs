use super::{guard::harmless, table};
use crate::{Fees, Handle, Payment, Recipient, Submission, Wallet};

/// The columns of the file; the last four are for who pays, and [`super::read_results`] reads them.
const COLUMNS: [&str; 12] = [
    "reference",
    "method",
    "recipient",
    "details",
    "amount",
    "currency",
    "fees_paid_by",
    "note",
    "status",
    "provider_reference",
    "fee",
    "reason",
];

/// A file for any way of paying: one row for each payment, and columns to be filled in. No cell is a formula.
pub fn generic_csv(submission: &Submission) -> String {
    let header = COLUMNS.map(str::to_owned);
    table(std::iter::once(header).chain(submission.payments().iter().map(row)))
}

fn row(payment: &Payment) -> [String; 12] {
    let (method, recipient, details) = shown(&payment.recipient);
    let blank = String::new;
    [
        payment.reference.to_string(),
        method.to_owned(),
        harmless(recipient),
        harmless(&details),
        payment.amount.to_decimal().to_string(),
        payment.amount.currency().to_string(),
        match payment.fees {
            Fees::Sender => "sender".to_owned(),
            Fees::Recipient => "recipient".to_owned(),
        },
        harmless(&payment.note),
        blank(),
        blank(),
        blank(),
        blank(),
    ]
}

/// The method, the name, and where to pay.
fn shown(recipient: &Recipient) -> (&'static str, &str, String) {
    match recipient {
        Recipient::PayPal { handle, wallet } => {
            let method = if *wallet == Wallet::Venmo { "venmo" } else { "paypal" };
            let kind = match handle {
                Handle::Email(_) => "email",
                Handle::Phone(_) => "phone",
                Handle::Account(_) => "account",
            };
            (method, "", format!("{kind} {}", handle.as_str()))
        }
        Recipient::Bank { name, iban, bic, .. } => {
            let bic = bic.as_ref().map(|bic| format!(" BIC {}", bic.as_str())).unwrap_or_default();
            ("bank", name, format!("IBAN {iban}{bic}"))
        }
        Recipient::Email { name, email, .. } => ("email", name, email.clone()),
        Recipient::ByHand { name, details } => ("by_hand", name, details.clone()),
    }
}
