use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use money::{Currency, Money};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    Wise,
    answers::{Group, Quote, Transfer},
    request::Failed,
};
use crate::{Fees, Payment, Reference, Refusal, files::bank_text};

/// How many transfers are read at a time.
const AT_ONCE: usize = 8;

/// The longest note that banks everywhere carry, in characters.
const MOST_NOTE_CHARS: usize = 10;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateQuote {
    source_currency: Currency,
    target_currency: Currency,
    #[serde(flatten)]
    amount: Amount,
    target_account: u64,
    pay_in: &'static str,
}

/// What is fixed: a JSON number, written digit by digit, so that no float comes near it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Amount {
    /// What leaves the balance: Wise takes its fee from it.
    SourceAmount(Box<RawValue>),
    /// What arrives: the fee comes on top.
    TargetAmount(Box<RawValue>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateTransfer<'a> {
    target_account: u64,
    quote_uuid: &'a str,
    customer_transaction_id: String,
    details: TransferDetails,
}

#[derive(Serialize)]
struct TransferDetails {
    reference: String,
}

/// The `customerTransactionId` of a payment: the same for ever, so that Wise makes its transfer once.
pub(crate) fn transaction_id(payment: &Reference) -> Uuid {
    /// Of these ids alone; it must never change.
    const NAMESPACE: Uuid = Uuid::from_u128(0x7c1b_9d52_5a0e_4f1c_9f2e_6d8a_3b40_e6a1);
    Uuid::new_v5(&NAMESPACE, payment.as_str().as_bytes())
}

/// Whether a quote is of a payment's amount and currency, to the minor unit.
fn is_of(quote: &Quote, payment: &Payment) -> bool {
    let fixed = match payment.fees {
        Fees::Sender => &quote.target_amount,
        Fees::Recipient => &quote.source_amount,
    };
    let currency = payment.amount.currency();
    let amount = fixed.as_ref().and_then(|number| Money::parse(number.get(), currency).ok());
    amount == Some(payment.amount) && (quote.source_currency, quote.target_currency) == (currency, currency)
}

impl Wise {
    /// The exact amount, for the recipient or with the fee, paid from the balance of the same currency.
    pub(super) async fn create_quote(&self, payment: &Payment, account: u64) -> Result<Quote, Failed> {
        let amount = payment.amount;
        let number = RawValue::from_string(amount.to_decimal().to_string())
            .map_err(|error| Failed::NotSent { why: error.to_string(), retry_after: None })?;
        let quote = CreateQuote {
            source_currency: amount.currency(),
            target_currency: amount.currency(),
            amount: match payment.fees {
                Fees::Sender => Amount::TargetAmount(number),
                Fees::Recipient => Amount::SourceAmount(number),
            },
            target_account: account,
            pay_in: "BALANCE",
        };
        let path = format!("/v3/profiles/{}/quotes", self.config.profile);
        let said: Quote = self.send_json(Method::POST, &path, &quote).await?;
        match is_of(&said, payment) {
            true => Ok(said),
            false => {
                let refusal =
                    Refusal::new("QUOTE_DIFFERS", "Wise quotes another amount or currency than was asked");
                Err(Failed::Refused { status: 409, refusal })
            }
        }
    }

    pub(super) async fn add_transfer(
        &self,
        group: &str,
        payment: &Payment,
        account: u64,
        quote: &Quote,
    ) -> Result<Transfer, Failed> {
        let transfer = CreateTransfer {
            target_account: account,
            quote_uuid: &quote.id,
            customer_transaction_id: transaction_id(&payment.reference).to_string(),
            details: TransferDetails { reference: bank_text(&payment.note, MOST_NOTE_CHARS) },
        };
        let path = format!("{}/transfers", self.group_path(group));
        self.send_json(Method::POST, &path, &transfer).await
    }

    /// The transfers of a group, by the `customerTransactionId` that we gave them; those that Wise shows without it, or that
    /// are not ours, by their own.
    pub(super) async fn transfers(&self, group: &Group) -> Result<HashMap<String, Transfer>, Failed> {
        let read = |id: u64| async move { self.get::<Transfer>(&format!("/v1/transfers/{id}")).await };
        let all: Vec<Transfer> = stream::iter(group.transfer_ids.iter().copied())
            .map(read)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let keyed = |mut transfer: Transfer| {
            let ours = transfer.customer_transaction_id.take();
            (ours.unwrap_or_else(|| transfer.id.to_string()), transfer)
        };
        Ok(all.into_iter().map(keyed).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipient;

    #[test]
    fn a_quote_is_of_what_was_asked_for() {
        let payment = |fees| Payment {
            reference: "pay_1".parse().unwrap(),
            amount: Money::new(1990, Currency::EUR),
            recipient: Recipient::ByHand { name: String::new(), details: String::new() },
            fees,
            note: String::new(),
        };
        let of = |source: (&str, &str), target: (&str, &str), fees| {
            let quote = format!(
                r#"{{"id":"q","sourceAmount":{},"sourceCurrency":"{}","targetAmount":{},"targetCurrency":"{}"}}"#,
                source.0, source.1, target.0, target.1
            );
            is_of(&serde_json::from_str(&quote).unwrap(), &payment(fees))
        };
        assert!(of(("null", "EUR"), ("19.9", "EUR"), Fees::Sender));
        assert!(of(("20.30", "EUR"), ("19.900", "EUR"), Fees::Sender));
        assert!(of(("19.90", "EUR"), ("19.50", "EUR"), Fees::Recipient));
        for (source, target, fees) in [
            (("19.90", "EUR"), ("19.89", "EUR"), Fees::Sender),
            (("19.90", "EUR"), ("null", "EUR"), Fees::Sender),
            (("19.90", "EUR"), ("\"19.90\"", "EUR"), Fees::Sender),
            (("19.91", "EUR"), ("19.90", "EUR"), Fees::Recipient),
            (("22.00", "USD"), ("19.90", "EUR"), Fees::Sender),
            (("19.90", "EUR"), ("19.90", "USD"), Fees::Recipient),
        ] {
            assert!(!of(source, target, fees), "{source:?} {target:?}");
        }
    }

    #[test]
    fn a_payment_has_one_id_for_ever() {
        let id = |text: &str| transaction_id(&text.parse().unwrap()).to_string();
        assert_eq!(id("pay_1"), id("pay_1"));
        assert_ne!(id("pay_1"), id("pay_2"));
        assert_eq!(id("pay_1"), "2b791f45-f87b-5850-8f81-ba93d419e9b8");
    }
}
