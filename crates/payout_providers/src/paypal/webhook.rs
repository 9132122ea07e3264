use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use super::{
    PayPal,
    answers::{Batch, BatchHeader, Item},
    status,
    token::NoToken,
};
use crate::{PaymentReport, Reference, Refusal};

/// What PayPal sends beside a webhook, in the headers `PAYPAL-TRANSMISSION-ID` and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// `PAYPAL-TRANSMISSION-ID`.
    pub id: String,
    /// `PAYPAL-TRANSMISSION-TIME`, as it was sent.
    pub time: String,
    /// `PAYPAL-TRANSMISSION-SIG`.
    pub signature: String,
    /// `PAYPAL-CERT-URL`.
    pub certificate_url: String,
    /// `PAYPAL-AUTH-ALGO`.
    pub algorithm: String,
}

/// Why a webhook is not believed, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not from PayPal, or not for this webhook: answer 400 and forget it.
    #[error("not signed by PayPal for this webhook")]
    Forged,
    /// PayPal could not be asked: answer 503, and it sends the same again.
    #[error("cannot be verified now: {0}")]
    NotNow(String),
    /// There is no webhook id in the configuration, or PayPal refuses the credentials.
    #[error("cannot be verified: {0}")]
    NotSetUp(Refusal),
}

/// A text that is no webhook of PayPal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook of PayPal")]
pub struct NotAWebhook;

/// A webhook, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// PayPal's id of the event: the same event may come many times.
    pub event_id: String,
    /// `PAYMENT.PAYOUTS-ITEM.SUCCEEDED` and the like.
    pub event_type: String,
    /// What it is about.
    pub subject: WebhookSubject,
}

/// What a webhook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookSubject {
    /// A payment, with its state at the time of sending: events come in any order.
    Payment {
        /// PayPal's id of its batch.
        batch: Option<String>,
        /// What became of it.
        report: PaymentReport,
    },
    /// A batch: a reason to poll it.
    Batch {
        /// PayPal's id of it.
        provider_id: String,
        /// Ours, if PayPal repeats it.
        reference: Option<Reference>,
        /// Why it was given up, if it was.
        denied: Option<Refusal>,
    },
    /// Something else, or a payment that is not ours.
    Other,
}

#[derive(Serialize)]
struct Question<'a> {
    auth_algo: &'a str,
    cert_url: &'a str,
    transmission_id: &'a str,
    transmission_sig: &'a str,
    transmission_time: &'a str,
    webhook_id: &'a str,
    /// The bytes as they came: the signature covers their checksum.
    webhook_event: &'a RawValue,
}

#[derive(Deserialize)]
struct Verdict {
    verification_status: String,
}

#[derive(Deserialize)]
struct Event<'a> {
    id: String,
    event_type: String,
    #[serde(borrow)]
    resource: &'a RawValue,
}

impl Webhook {
    /// Reads the body of a webhook. That is no proof that PayPal sent it: see [`PayPal::verify`].
    ///
    /// # Errors
    /// [`NotAWebhook`].
    pub fn read(body: &str) -> Result<Self, NotAWebhook> {
        let event: Event<'_> = serde_json::from_str(body).map_err(|_| NotAWebhook)?;
        let subject = subject(&event.event_type, event.resource.get()).ok_or(NotAWebhook)?;
        Ok(Self { event_id: event.id, event_type: event.event_type, subject })
    }
}

fn subject(event_type: &str, resource: &str) -> Option<WebhookSubject> {
    if event_type.starts_with("PAYMENT.PAYOUTS-ITEM.") {
        let item: Item = serde_json::from_str(resource).ok()?;
        let report = status::report(&item);
        let payment = |report| WebhookSubject::Payment { batch: item.payout_batch_id.clone(), report };
        return Some(report.map_or(WebhookSubject::Other, payment));
    }
    if !event_type.starts_with("PAYMENT.PAYOUTSBATCH.") {
        return Some(WebhookSubject::Other);
    }
    let header: BatchHeader = serde_json::from_str::<Batch>(resource).ok()?.batch_header;
    let denied = status::denial(&header);
    let reference = header.sender_batch_header.and_then(|sender| sender.sender_batch_id?.parse().ok());
    Some(WebhookSubject::Batch { provider_id: header.payout_batch_id, reference, denied })
}

impl PayPal {
    /// Asks PayPal whether it sent this webhook (`POST /v1/notifications/verify-webhook-signature`). That costs a
    /// call, and spares us certificates that are fetched from an address in the request and must be judged.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn verify(&self, transmission: &Transmission, body: &str) -> Result<(), VerifyError> {
        let webhook_id = self.config.webhook_id.as_deref().ok_or_else(|| {
            VerifyError::NotSetUp(Refusal::new("NO_WEBHOOK_ID", "no webhook of PayPal is configured"))
        })?;
        if !is_of_paypal(&transmission.certificate_url) {
            return Err(VerifyError::Forged);
        }
        let question = question(transmission, webhook_id, body).ok_or(VerifyError::Forged)?;
        let token = self.token().await.map_err(|error| match error {
            NoToken::Refused(refusal) => VerifyError::NotSetUp(refusal),
            NoToken::NotNow { why, .. } => VerifyError::NotNow(why),
        })?;
        let path = "/v1/notifications/verify-webhook-signature";
        let reply = self.call(Method::POST, path, question, &token).await;
        let reply = reply.map_err(|error| VerifyError::NotNow(error.into_text()))?;
        match (reply.status.as_u16(), reply.json::<Verdict>()) {
            (200..300, Some(verdict)) if verdict.verification_status == "SUCCESS" => Ok(()),
            // 400 is the answer to headers that PayPal cannot have written.
            (200..300, Some(_)) | (400, _) => Err(VerifyError::Forged),
            (status, _) => Err(VerifyError::NotNow(format!("status {status}"))),
        }
    }
}

fn question(transmission: &Transmission, webhook_id: &str, body: &str) -> Option<Vec<u8>> {
    let question = Question {
        auth_algo: &transmission.algorithm,
        cert_url: &transmission.certificate_url,
        transmission_id: &transmission.id,
        transmission_sig: &transmission.signature,
        transmission_time: &transmission.time,
        webhook_id,
        webhook_event: serde_json::from_str(body).ok()?,
    };
    serde_json::to_vec(&question).ok()
}

/// PayPal checks this too; a webhook that fails it is not worth a call.
fn is_of_paypal(certificate_url: &str) -> bool {
    let Ok(url) = Url::parse(certificate_url) else { return false };
    let host = url.host_str().unwrap_or_default();
    url.scheme() == "https" && (host == "paypal.com" || host.ends_with(".paypal.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_paypals() {
        assert!(is_of_paypal("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1"));
        for url in
            ["http://api.paypal.com/c", "https://paypal.com.evil.org/c", "https://notpaypal.com/c", "x"]
        {
            assert!(!is_of_paypal(url), "{url}");
        }
    }

    #[test]
    fn what_is_no_event_is_refused_and_what_is_not_ours_is_other() {
        assert_eq!(Webhook::read("[]"), Err(NotAWebhook));
        let broken = r#"{"id":"1","event_type":"PAYMENT.PAYOUTS-ITEM.FAILED","resource":{}}"#;
        assert_eq!(Webhook::read(broken), Err(NotAWebhook));
        let other = r#"{"id":"1","event_type":"PAYMENT.SALE.COMPLETED","resource":{}}"#;
        assert_eq!(Webhook::read(other).unwrap().subject, WebhookSubject::Other);
    }
}
