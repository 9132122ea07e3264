//! What PayPal is told and what it says, when nothing goes wrong on the way.

use money::{Currency, Money};
use payout_providers::{
    Draft, Handle, PayPal, PaymentState, Provider, Recipient, Secret, SubmitError, Submitted, Wallet,
    fakes::{Accepted, FakePayPal},
};

use crate::office::{of, reference, references, to_paypal};

async fn start() -> (FakePayPal, PayPal) {
    let fake = FakePayPal::start().await.unwrap();
    let paypal = PayPal::new(fake.config()).unwrap();
    (fake, paypal)
}

#[tokio::test]
async fn a_batch_is_accepted_once_and_each_payment_is_reported() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 2);
    let draft = paypal.prepare(&submission).await.unwrap();
    let submitted = paypal.submit(&submission, &draft).await.unwrap();
    assert_eq!(paypal.submit(&submission, &draft).await, Ok(submitted.clone()), "PayPal links to the first");

    let line = |payment: &str, amount: &str, recipient: &str| Accepted {
        submission: "sub_1".to_owned(),
        payment: payment.to_owned(),
        amount: amount.to_owned(),
        currency: "USD".to_owned(),
        recipient: recipient.to_owned(),
    };
    let expected =
        [line("pay_0", "10.00", "partner0@example.com"), line("pay_1", "10.01", "partner1@example.com")];
    assert_eq!(fake.journal(), expected);

    let progress = paypal.poll(&submission, &submitted).await.unwrap();
    let fee = Some(Money::new(25, Currency::USD));
    let states: Vec<_> =
        progress.of(references(&submission)).into_iter().map(|report| report.state).collect();
    let paid = |id: &str| PaymentState::Paid { provider_reference: id.to_owned(), fee };
    assert_eq!(states, [paid("FAKEBATCH1ITEM0T"), paid("FAKEBATCH1ITEM1T")]);
}

#[tokio::test]
async fn payments_go_through_their_states() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 3);
    fake.script("pay_0", &["PENDING", "PENDING", "SUCCESS"]);
    fake.script("pay_1", &["UNCLAIMED:RECEIVER_UNREGISTERED", "UNCLAIMED:RECEIVER_UNREGISTERED", "RETURNED"]);
    fake.script("pay_2", &["FAILED:RECEIVER_ACCOUNT_LOCKED"]);
    let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let progress = paypal.poll(&submission, &submitted).await.unwrap();
        let codes = progress.of(references(&submission)).into_iter().map(|report| match report.state {
            PaymentState::Pending { code } => code,
            PaymentState::Paid { .. } => "paid".to_owned(),
            PaymentState::Failed { code, on_payee_side, .. } => format!("failed {code} {on_payee_side}"),
            PaymentState::Returned { code, .. } => format!("returned {code}"),
        });
        seen.push(codes.collect::<Vec<_>>().join(", "));
    }
    assert_eq!(
        seen,
        [
            "PENDING, UNCLAIMED, failed RECEIVER_ACCOUNT_LOCKED true",
            "PENDING, UNCLAIMED, failed RECEIVER_ACCOUNT_LOCKED true",
            "paid, returned RETURNED, failed RECEIVER_ACCOUNT_LOCKED true",
        ]
    );
}

#[tokio::test]
async fn a_batch_of_many_pages_is_read_to_its_end() {
    let (_fake, paypal) = start().await;
    for payments in [2000, 2001] {
        let submission = to_paypal(&format!("sub_{payments}"), payments);
        let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
        let progress = paypal.poll(&submission, &submitted).await.unwrap();
        assert_eq!(progress.reports.len(), payments);
        assert!(progress.reports.iter().all(|report| report.state.is_settled()));
    }
}

#[tokio::test]
async fn short_pages_are_read_to_the_last() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 7);
    let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
    fake.shorten_pages(3);
    let progress = paypal.poll(&submission, &submitted).await.unwrap();
    assert_eq!(progress.reports.len(), 7);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_hides_no_other() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 3);
    let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
    fake.script(submission.payments()[1].reference.as_str(), &["GARBLED"]);
    let progress = paypal.poll(&submission, &submitted).await.unwrap();
    let settled = progress.of(references(&submission)).into_iter().map(|report| report.state.is_settled());
    assert_eq!(settled.collect::<Vec<_>>(), [true, false, true]);
}

/// PayPal pays nothing of such a batch; what cannot be read may say otherwise.
#[tokio::test]
async fn of_a_denied_batch_fails_what_waits_and_not_what_cannot_be_read() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 4);
    let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
    fake.deny("sub_1");
    fake.script("pay_1", &["ILLEGIBLE"]);
    fake.script("pay_2", &["UNCLAIMED"]);
    let failed = async || {
        let progress = paypal.poll(&submission, &submitted).await.unwrap();
        let reports = progress.of(references(&submission)).into_iter();
        reports.map(|one| matches!(one.state, PaymentState::Failed { .. })).collect::<Vec<_>>()
    };
    assert_eq!(failed().await, [true, false, false, true]);
    // Nobody knows whose that one is: it could be that of any payment that no other item names.
    fake.script("pay_3", &["GARBLED"]);
    assert_eq!(failed().await, [true, false, false, false]);
}

#[tokio::test]
async fn a_denied_batch_fails_every_payment_on_our_side() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 2);
    let submitted = paypal.submit(&submission, &Draft(String::new())).await.unwrap();
    fake.deny("sub_1");
    let progress = paypal.poll(&submission, &submitted).await.unwrap();
    let failed = PaymentState::Failed {
        code: "SENDER_RESTRICTED".to_owned(),
        reason: "The sender's account is restricted.".to_owned(),
        on_payee_side: false,
    };
    let states: Vec<_> =
        progress.of(references(&submission)).into_iter().map(|report| report.state).collect();
    assert_eq!(states, [failed.clone(), failed]);
}

#[tokio::test]
async fn what_paypal_would_refuse_is_refused_with_the_payment_that_is_to_blame() {
    let (fake, paypal) = start().await;
    let refused = async |recipient: Recipient, currency| {
        let submission = of("sub_1", currency, 1, |_| recipient.clone());
        match paypal.submit(&submission, &Draft(String::new())).await {
            Err(SubmitError::Refused(refusal)) => (refusal.code, refusal.payment),
            other => panic!("{other:?}"),
        }
    };
    let by_hand = Recipient::ByHand { name: "A".to_owned(), details: "B".to_owned() };
    let payment = Some(reference("pay_0"));
    assert_eq!(
        refused(by_hand, Currency::USD).await,
        ("RECIPIENT_NOT_SUPPORTED".to_owned(), payment.clone())
    );
    let account = |handle| Recipient::PayPal { handle, wallet: Wallet::PayPal };
    let no_email = account(Handle::Email("nobody".to_owned()));
    assert_eq!(refused(no_email, Currency::USD).await, ("VALIDATION_ERROR".to_owned(), payment));
    assert_eq!(fake.journal(), []);
}

#[tokio::test]
async fn refused_credentials_send_nothing_and_stay_secret() {
    let (fake, _) = start().await;
    let secret = "hunter2hunter2";
    let config =
        payout_providers::paypal::PayPalConfig { client_secret: Secret::new(secret), ..fake.config() };
    let paypal = PayPal::new(config).unwrap();
    let error = paypal.submit(&to_paypal("sub_1", 1), &Draft(String::new())).await.unwrap_err();
    assert!(
        matches!(&error, SubmitError::Refused(refusal) if refusal.code == "CREDENTIALS_REFUSED"),
        "{error:?}"
    );
    assert!(!format!("{paypal:?} {error:?} {error}").contains(secret));
    assert!(format!("{paypal:?}").contains("•••"));
    assert_eq!(fake.journal(), []);
}

#[tokio::test]
async fn a_batch_that_is_not_known_is_refused() {
    let (_fake, paypal) = start().await;
    let unknown = Submitted { provider_id: "NOSUCH".to_owned() };
    let error = paypal.poll(&to_paypal("sub_1", 1), &unknown).await.unwrap_err();
    assert_eq!(error.to_string(), "refused: INVALID_RESOURCE_ID: Requested resource not found.");
}
