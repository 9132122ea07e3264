use chrono::TimeDelta;
use domain::{
    payout_batches::{PayoutBatch, Rail, SubmissionStatus},
    payouts::PayoutStatus,
};
use money::Currency;
use payout_details::{LegalType, PayoutDetailsInput, PaypalReceiverInput, PaypalWallet, WiseReceiverInput};

use super::{
    till::{EACH, Till},
    wise::open,
};

#[tokio::test]
async fn who_is_to_blame_for_a_refusal_fails_and_the_others_are_paid() {
    let mut till = Till::open(3).await;
    for number in [3, 4] {
        let receiver = PaypalReceiverInput::Email(format!("payee-{number}@refused.example"));
        till.payee(number, PayoutDetailsInput::Paypal { wallet: PaypalWallet::Paypal, receiver }).await;
    }
    let (batch, _) = till.cut().await;
    till.work().await;
    assert_eq!(till.balances().await, "AVAILABLE 2468, PAID 3702, RESERVED 0");
    assert_eq!((till.journal().len(), till.submission(&batch).await.status), (3, SubmissionStatus::Done));
    for payout in till.payouts().await {
        let is_paid = till.journal().contains(&payout.id.to_string());
        assert_eq!(payout.status == PayoutStatus::Paid, is_paid, "{payout:?}");
        let why = payout.failure_code.as_deref().zip(payout.reason.as_deref());
        assert_eq!(why.map(|(code, _)| code), (!is_paid).then_some("VALIDATION_ERROR"));
        assert!(why.is_none_or(|(_, reason)| reason.contains("Receiver cannot be paid")), "{why:?}");
    }
    assert!(till.told("partner-4@example.com").contains(&"payout_failed"));
    let attempts = "SELECT number || ' ' || outcome AS line FROM payout_attempts ORDER BY number";
    assert_eq!(till.office.lines(attempts).await, ["1 FAILED", "2 FAILED", "3 SUCCEEDED"]);
    till.assert_verified().await;
    till.after(TimeDelta::days(1)).await;
    assert_eq!(till.journal().len(), 3);
}

#[tokio::test]
async fn a_provider_that_blames_everybody_is_asked_no_more() {
    let till = Till::open(0).await;
    for number in 0..13 {
        let receiver = PaypalReceiverInput::Email(format!("payee-{number}@refused.example"));
        till.payee(number, PayoutDetailsInput::Paypal { wallet: PaypalWallet::Paypal, receiver }).await;
    }
    let (batch, _) = till.cut().await;
    till.work().await;
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Refused);
    assert_eq!(till.balances().await, format!("AVAILABLE {}, PAID 0, RESERVED {}", 10 * EACH, 3 * EACH));
    let (act, conn) = (till.office.act(), &mut *till.office.conn().await);
    PayoutBatch::cancel(conn, &till.office.scope, batch.id, &act).await.unwrap();
    till.work().await;
    assert_eq!(till.balances().await, format!("AVAILABLE {}, PAID 0, RESERVED 0", 13 * EACH));
    till.assert_verified().await;
}

#[tokio::test]
async fn who_is_to_blame_at_wise_is_left_out_of_the_group() {
    let (mut till, wise) = open().await;
    for (number, holder) in ["Anna Ek", "Bono", "Carl Orff"].into_iter().enumerate() {
        let receiver = WiseReceiverInput::Email(format!("payee-{number}@example.com"));
        let (holder, currency) = (holder.to_owned(), Currency::USD);
        till.payee(
            number,
            PayoutDetailsInput::Wise { holder, legal_type: LegalType::Private, currency, receiver },
        )
        .await;
    }
    let batch = till.batch(Rail::Wise).await;
    till.execute(&batch).await;
    till.work().await;
    till.after(TimeDelta::minutes(2)).await;
    assert_eq!((wise.journal().len(), wise.transfers()), (2, 2));
    assert_eq!(till.submission(&batch).await.status, SubmissionStatus::Done);
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 2468, RESERVED 0");
    assert!(till.told("partner-1@example.com").contains(&"payout_failed"));
    till.assert_verified().await;
}
