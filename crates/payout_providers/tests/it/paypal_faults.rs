//! What is known, and what is paid, when calls to PayPal go wrong.

use std::time::Duration;

use payout_providers::{
    BaseUrl, Draft, LookUpError, PayPal, Provider, SubmitError, Submitted, Tried,
    fakes::{FakePayPal, Fault},
    paypal::PayPalConfig,
};

use crate::office::{once, to_paypal};

const AGE: Duration = Duration::from_secs(5);

async fn start() -> (FakePayPal, PayPal) {
    let fake = FakePayPal::start().await.unwrap();
    let config = PayPalConfig { call_timeout: Duration::from_millis(500), ..fake.config() };
    (fake, PayPal::new(config).unwrap())
}

fn draft() -> Draft {
    Draft(String::new())
}

#[tokio::test]
async fn after_a_lost_answer_the_look_up_finds_the_batch_and_nothing_is_accepted_twice() {
    for fault in [
        Fault::HangAfterAccepting,
        Fault::DropAfterAccepting,
        Fault::ErrorAfterAccepting,
        Fault::GarbledAfterAccepting,
    ] {
        let (fake, paypal) = start().await;
        let submission = to_paypal("sub_1", 2);
        fake.fault(fault);
        let error = paypal.submit(&submission, &draft()).await.unwrap_err();
        assert!(matches!(error, SubmitError::Unknown { .. }), "{fault:?}: {error:?}");
        let found = paypal.look_up(&submission, &draft(), once(AGE)).await.unwrap();
        assert_eq!(found, Some(Submitted { provider_id: "FAKEBATCH1".to_owned() }), "{fault:?}");
        assert_eq!(paypal.submit(&submission, &draft()).await.ok(), found, "{fault:?}");
        assert_eq!(fake.journal().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_call_that_was_lost_before_it_was_accepted_is_accepted_by_the_look_up_once() {
    for fault in [Fault::DropBeforeAccepting, Fault::ErrorBeforeAccepting] {
        let (fake, paypal) = start().await;
        let submission = to_paypal("sub_1", 1);
        fake.fault(fault);
        let error = paypal.submit(&submission, &draft()).await.unwrap_err();
        assert!(matches!(error, SubmitError::Unknown { .. }), "{fault:?}: {error:?}");
        assert_eq!(fake.journal(), []);
        for _ in 0..2 {
            let found = paypal.look_up(&submission, &draft(), once(AGE)).await.unwrap();
            assert_eq!(found, Some(Submitted { provider_id: "FAKEBATCH1".to_owned() }));
        }
        assert_eq!(fake.journal().len(), 1);
    }
}

#[tokio::test]
async fn a_look_up_that_fails_decides_nothing() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 1);
    for (fault, decided) in [
        (Fault::InsufficientFunds, "undecided: INSUFFICIENT_FUNDS: Sender does not have sufficient funds."),
        (Fault::TooManyCalls, "no answer: too many calls"),
        (Fault::ErrorBeforeAccepting, "no answer: status 500: no decision"),
    ] {
        fake.fault(fault);
        let error = paypal.look_up(&submission, &draft(), once(AGE)).await.unwrap_err();
        assert_eq!(error.to_string(), decided);
    }
    assert_eq!(fake.journal(), []);
}

/// The first call may still be at work: nothing is posted beside it.
#[tokio::test]
async fn a_call_that_was_given_up_a_moment_ago_is_not_made_again() {
    let (fake, _) = start().await;
    let settles_within = Duration::from_secs(600);
    let paypal = PayPal::new(PayPalConfig { settles_within, ..fake.config() }).unwrap();
    let submission = to_paypal("sub_1", 1);
    let tried = Tried { first_ago: Duration::from_secs(900), last_ago: Duration::from_secs(540) };
    let early = paypal.look_up(&submission, &draft(), tried).await;
    assert_eq!(early, Err(LookUpError::TooEarly { wait: Duration::from_secs(60) }));
    assert_eq!(fake.journal(), []);
    // The look-up's own call may be lost too.
    fake.fault(Fault::DropBeforeAccepting);
    match paypal.look_up(&submission, &draft(), once(settles_within)).await {
        Err(LookUpError::NoAnswer { retry_after, .. }) => assert_eq!(retry_after, Some(settles_within)),
        other => panic!("{other:?}"),
    }
    paypal.look_up(&submission, &draft(), once(settles_within)).await.unwrap();
    assert_eq!(fake.journal().len(), 1);
}

#[tokio::test]
async fn a_reference_that_paypal_has_forgotten_is_not_tried_again() {
    let (fake, paypal) = start().await;
    let tried = Tried { first_ago: Duration::from_secs(30 * 86_400), last_ago: AGE };
    let error = paypal.look_up(&to_paypal("sub_1", 1), &draft(), tried).await.unwrap_err();
    assert!(matches!(error, LookUpError::TooLate { .. }));
    assert_eq!(fake.journal(), []);
}

#[tokio::test]
async fn a_token_serves_until_it_ends_and_then_another_one_does() {
    let (fake, paypal) = start().await;
    let first = paypal.submit(&to_paypal("sub_1", 1), &draft()).await.unwrap();
    paypal.poll(&to_paypal("sub_1", 1), &first).await.unwrap();
    assert_eq!(fake.tokens(), 1);
    fake.end_token();
    let second = to_paypal("sub_2", 1);
    let ended = paypal.submit(&second, &draft()).await.unwrap_err();
    assert!(matches!(ended, SubmitError::NotSent { .. }), "{ended:?}");
    paypal.submit(&second, &draft()).await.unwrap();
    assert_eq!((fake.tokens(), fake.journal().len()), (2, 2));
}

/// The right may have been given since.
#[tokio::test]
async fn a_token_that_lacks_a_right_is_forgotten() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 1);
    fake.fault(Fault::NotAllowed);
    let refused = paypal.submit(&submission, &draft()).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Refused(refusal) if refusal.code == "NOT_AUTHORIZED"));
    paypal.submit(&submission, &draft()).await.unwrap();
    assert_eq!(fake.tokens(), 2);
}

#[tokio::test]
async fn of_many_at_once_one_is_accepted() {
    let (fake, paypal) = start().await;
    let (submission, draft) = (to_paypal("sub_1", 3), draft());
    let tries = futures_util::future::join_all((0..8).map(|_| paypal.submit(&submission, &draft))).await;
    let first = Submitted { provider_id: "FAKEBATCH1".to_owned() };
    assert!(tries.iter().all(|outcome| outcome.as_ref() == Ok(&first)), "{tries:?}");
    assert_eq!(fake.journal().len(), 3);
}

#[tokio::test]
async fn what_was_not_sent_is_told_apart() {
    let (fake, paypal) = start().await;
    let submission = to_paypal("sub_1", 1);
    fake.fault(Fault::TooManyCalls);
    let wait = Some(Duration::from_secs(7));
    let throttled = SubmitError::NotSent { why: "too many calls".to_owned(), retry_after: wait };
    assert_eq!(paypal.submit(&submission, &draft()).await, Err(throttled));

    fake.fault(Fault::InsufficientFunds);
    let refused = paypal.submit(&submission, &draft()).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Refused(refusal) if refusal.code == "INSUFFICIENT_FUNDS"));
    assert_eq!(fake.journal(), []);

    let config = fake.config();
    drop(fake);
    // A port that nobody listens at: it was just given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base: BaseUrl = format!("http://{free}").parse().unwrap();
    let nowhere = PayPal::new(PayPalConfig { base, ..config }).unwrap();
    let error = nowhere.submit(&submission, &draft()).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { retry_after: None, .. }), "{error:?}");
}
