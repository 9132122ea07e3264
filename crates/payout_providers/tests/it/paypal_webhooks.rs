//! Webhooks of PayPal: believed only when PayPal says that they are its own.

use payout_providers::{
    Draft, PayPal, PaymentState, Provider,
    fakes::FakePayPal,
    paypal::{PayPalConfig, Transmission, VerifyError, Webhook, WebhookSubject},
};

use crate::office::{reference, to_paypal};

async fn start() -> (FakePayPal, PayPal) {
    let fake = FakePayPal::start().await.unwrap();
    let paypal = PayPal::new(fake.config()).unwrap();
    paypal.submit(&to_paypal("sub_1", 1), &Draft(String::new())).await.unwrap();
    (fake, paypal)
}

#[tokio::test]
async fn a_payments_webhook_is_verified_and_read() {
    let (fake, paypal) = start().await;
    fake.script("pay_0", &["UNCLAIMED:RECEIVER_UNREGISTERED", "RETURNED"]);
    for (event, state) in [
        ("WH1", PaymentState::Pending { code: "UNCLAIMED".to_owned() }),
        (
            "WH2",
            PaymentState::Returned {
                code: "RETURNED".to_owned(),
                reason: String::new(),
                provider_reference: Some("FAKEBATCH1ITEM0T".to_owned()),
            },
        ),
    ] {
        let (transmission, body) = fake.payment_webhook(event, "pay_0").unwrap();
        assert_eq!(paypal.verify(&transmission, &body).await, Ok(()));
        let webhook = Webhook::read(&body).unwrap();
        assert_eq!(webhook.event_id, event);
        match webhook.subject {
            WebhookSubject::Payment { batch, report } => {
                assert_eq!(batch.as_deref(), Some("FAKEBATCH1"));
                assert_eq!((report.payment, report.state), (reference("pay_0"), state));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_batchs_webhook_names_the_submission() {
    let (fake, paypal) = start().await;
    fake.deny("sub_1");
    let (transmission, body) = fake.batch_webhook("WH1", "FAKEBATCH1").unwrap();
    assert_eq!(paypal.verify(&transmission, &body).await, Ok(()));
    let webhook = Webhook::read(&body).unwrap();
    assert_eq!(webhook.event_type, "PAYMENT.PAYOUTSBATCH.DENIED");
    match webhook.subject {
        WebhookSubject::Batch { provider_id, reference: Some(ours), denied: Some(refusal) } => {
            assert_eq!((provider_id.as_str(), ours.as_str()), ("FAKEBATCH1", "sub_1"));
            assert_eq!(refusal.code, "SENDER_RESTRICTED");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_paypal_did_not_send_is_not_believed() {
    let (fake, paypal) = start().await;
    let (transmission, body) = fake.payment_webhook("WH1", "pay_0").unwrap();
    let altered = body.replace("pay_0", "pay_1");
    assert_eq!(paypal.verify(&transmission, &altered).await, Err(VerifyError::Forged));
    let elsewhere = Transmission { certificate_url: "https://evil.org/c".to_owned(), ..transmission.clone() };
    assert_eq!(paypal.verify(&elsewhere, &body).await, Err(VerifyError::Forged));
    assert_eq!(paypal.verify(&transmission, "no json").await, Err(VerifyError::Forged));
    let other = PayPal::new(PayPalConfig { webhook_id: Some("OTHER".to_owned()), ..fake.config() }).unwrap();
    assert_eq!(other.verify(&transmission, &body).await, Err(VerifyError::Forged));
    let none = PayPal::new(PayPalConfig { webhook_id: None, ..fake.config() }).unwrap();
    assert!(matches!(none.verify(&transmission, &body).await, Err(VerifyError::NotSetUp(_))));
    drop(fake);
    assert!(matches!(paypal.verify(&transmission, &body).await, Err(VerifyError::NotNow(_))));
}
