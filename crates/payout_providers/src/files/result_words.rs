//! What lists of results call their columns and how payments stand: our own words, and those that providers' websites use in the
//! lists that they let one download.

use crate::PaymentState;

/// A column, by the names that it may have; the first is our own, and counts before the others.
pub(super) type Names = [&'static str];

/// Which payment: PayPal's file takes it as the customer id, Wise's its ending as the payment's reference.
pub(super) const REFERENCE: &Names =
    &["reference", "customer id", "unique id", "payment reference", "paymentreference", "sender item id"];
/// How it stands.
pub(super) const STATUS: &Names = &["status", "transaction status"];
/// What the provider calls it.
pub(super) const PROVIDER_REFERENCE: &Names = &[
    "provider reference",
    "transaction id",
    "payout item id",
    "transferwise id",
    "wise id",
    "transfer id",
    "id",
];
/// What it cost.
pub(super) const FEE: &Names = &["fee"];
/// Why it failed.
pub(super) const REASON: &Names = &["reason", "error message"];
/// How much was paid.
pub(super) const AMOUNT: &Names = &["amount"];
/// In which currency.
pub(super) const CURRENCY: &Names = &["currency"];

/// What a line says besides how the payment stands.
pub(super) struct Said {
    pub(super) provider_reference: String,
    pub(super) fee: Option<money::Money>,
    pub(super) reason: String,
}

/// How a payment stands; `None` for a word that is not known. A word that says that a payment was stopped, but not that its money
/// is back (`cancelled`, `held`), is none of them: a person says what became of it.
pub(super) fn state(word: &str, said: Said) -> Option<PaymentState> {
    let code = word.to_ascii_lowercase();
    let Said { provider_reference, fee, reason } = said;
    Some(match code.as_str() {
        "paid" | "completed" | "success" => PaymentState::Paid { provider_reference, fee },
        "failed" => PaymentState::Failed { code, reason, on_payee_side: true },
        "refused" | "denied" => PaymentState::Failed { code, reason, on_payee_side: false },
        "returned" | "refunded" => {
            let provider_reference = Some(provider_reference).filter(|text| !text.is_empty());
            PaymentState::Returned { code, reason, provider_reference }
        }
        "pending" | "processing" | "unclaimed" => PaymentState::Pending { code },
        _ => return None,
    })
}

/// Whether a cell of the first line is this name: letters of any case, and `_` for a blank.
pub(super) fn is_named(cell: &[u8], name: &str) -> bool {
    let spelled = |byte: &u8| if *byte == b'_' { b' ' } else { byte.to_ascii_lowercase() };
    cell.trim_ascii().iter().map(spelled).eq(name.bytes())
}
