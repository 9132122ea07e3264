use money::Currency;
use serde::Serialize;

use super::{PayPalConfig, amount};
use crate::{Handle, Payment, Recipient, Refusal, Submission, Wallet};

/// The longest note that PayPal takes if it is not plain ASCII, in characters.
const MOST_NOTE_CHARS: usize = 1000;

/// The body of `POST /v1/payments/payouts`.
#[derive(Serialize)]
pub(super) struct CreateBatch<'a> {
    sender_batch_header: Header<'a>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Header<'a> {
    sender_batch_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_subject: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    recipient_type: &'static str,
    amount: Amount,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    receiver: &'a str,
    sender_item_id: &'a str,
    recipient_wallet: &'static str,
}

#[derive(Serialize)]
struct Amount {
    currency: Currency,
    value: String,
}

impl<'a> CreateBatch<'a> {
    /// The batch of a submission.
    ///
    /// # Errors
    /// When PayPal could not pay one of its payments.
    pub(super) fn of(submission: &'a Submission, config: &'a PayPalConfig) -> Result<Self, Refusal> {
        Ok(Self {
            sender_batch_header: Header {
                sender_batch_id: submission.reference().as_str(),
                email_subject: config.email_subject.as_deref(),
            },
            items: submission.payments().iter().map(Item::of).collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> Item<'a> {
    fn of(payment: &'a Payment) -> Result<Self, Refusal> {
        let Recipient::PayPal { handle, wallet } = &payment.recipient else {
            let refusal = Refusal::new("RECIPIENT_NOT_SUPPORTED", "PayPal pays PayPal and Venmo accounts");
            return Err(refusal.of_payment(&payment.reference));
        };
        let value = amount::text(payment.amount).ok_or_else(|| {
            let reason = format!("PayPal pays whole {} only", payment.amount.currency());
            Refusal::new("AMOUNT_NOT_SUPPORTED", reason).of_payment(&payment.reference)
        })?;
        if *wallet == Wallet::Venmo && payment.note.trim().is_empty() {
            let refusal = Refusal::new("NOTE_REQUIRED", "Venmo pays nothing without a note to the recipient");
            return Err(refusal.of_payment(&payment.reference));
        }
        Ok(Self {
            recipient_type: recipient_type(handle, *wallet),
            amount: Amount { currency: payment.amount.currency(), value },
            note: payment.note.chars().take(MOST_NOTE_CHARS).collect(),
            receiver: handle.as_str(),
            sender_item_id: payment.reference.as_str(),
            recipient_wallet: wallet.as_str(),
        })
    }
}

fn recipient_type(handle: &Handle, wallet: Wallet) -> &'static str {
    match (handle, wallet) {
        (Handle::Email(_), _) => "EMAIL",
        (Handle::Phone(_), _) => "PHONE",
        (Handle::Account(_), Wallet::PayPal) => "PAYPAL_ID",
        (Handle::Account(_), Wallet::Venmo) => "USER_HANDLE",
    }
}
