use axum::{body::Bytes, extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};

use super::{FakePayPal, Here, WEBHOOK_ID, payouts, stranger};
use crate::{
    fakes::answer::{Said, json},
    paypal::Transmission,
};

const TIME: &str = "2026-01-02T03:04:05Z";

#[derive(Deserialize)]
struct Question<'a> {
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

impl FakePayPal {
    /// A webhook about a payment, as PayPal would send it now: its headers and its body. The same event can be sent
    /// again. `None` if the payment was never accepted. A step ahead in the payment's script.
    pub fn payment_webhook(&self, event_id: &str, payment: &str) -> Option<(Transmission, String)> {
        let (batch, place) = self.desk.batches.find_payment(payment)?;
        let item = payouts::item(&self.desk, &batch, place);
        let state = item["transaction_status"].as_str().unwrap_or_default().to_owned();
        let kind = if state == "SUCCESS" { "SUCCEEDED" } else { state.as_str() };
        Some(signed(event_id, &format!("PAYMENT.PAYOUTS-ITEM.{kind}"), &item))
    }

    /// A webhook about a batch, as [`Self::payment_webhook`].
    pub fn batch_webhook(&self, event_id: &str, provider_id: &str) -> Option<(Transmission, String)> {
        let header = payouts::header(&self.desk.batches.find(provider_id)?);
        Some(of_batch(event_id, &header))
    }

    /// The same, and it does not say what the sender calls the batch.
    pub fn nameless_batch_webhook(
        &self,
        event_id: &str,
        provider_id: &str,
    ) -> Option<(Transmission, String)> {
        let mut header = payouts::header(&self.desk.batches.find(provider_id)?);
        header["sender_batch_header"] = json!({});
        Some(of_batch(event_id, &header))
    }
}

fn of_batch(event_id: &str, header: &Value) -> (Transmission, String) {
    let status = header["batch_status"].as_str().unwrap_or_default();
    signed(event_id, &format!("PAYMENT.PAYOUTSBATCH.{status}"), &json!({ "batch_header": header }))
}

fn signed(event_id: &str, event_type: &str, resource: &serde_json::Value) -> (Transmission, String) {
    // Blanks that a reader would lose if it wrote the event anew: the signature covers the bytes.
    let body = format!(r#"{{ "id": "{event_id}",  "event_type":"{event_type}", "resource": {resource} }}"#);
    let id = format!("transmission-{event_id}");
    let transmission = Transmission {
        signature: signature(&id, TIME, WEBHOOK_ID, &body),
        id,
        time: TIME.to_owned(),
        certificate_url: "https://api.paypal.com/v1/notifications/certs/CERT-fake".to_owned(),
        algorithm: "SHA256withRSA".to_owned(),
    };
    (transmission, body)
}

/// What stands in for PayPal's RSA: only the fake can make it.
fn signature(id: &str, time: &str, webhook_id: &str, body: &str) -> String {
    let digest = Sha256::digest(format!("only the fake knows|{id}|{time}|{webhook_id}|{body}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `POST /v1/notifications/verify-webhook-signature`.
pub(super) async fn verify(State(desk): Here, headers: HeaderMap, body: Bytes) -> Said {
    if let Some(refused) = stranger(&desk, &headers) {
        return refused;
    }
    let Ok(question) = serde_json::from_slice::<Question<'_>>(&body) else {
        return json(400, &json!({ "name": "VALIDATION_ERROR" }));
    };
    let Question { transmission_id, transmission_sig, transmission_time, webhook_id, webhook_event } =
        question;
    let expected = signature(&transmission_id, &transmission_time, WEBHOOK_ID, webhook_event.get());
    let is_ours = webhook_id == WEBHOOK_ID && transmission_sig == expected;
    json(200, &json!({ "verification_status": if is_ours { "SUCCESS" } else { "FAILURE" } }))
}
