//! Wise: each step can be repeated after a crash, and only funding pays.

use std::time::Duration;

use payout_providers::{
    Draft, LegalForm, LookUpError, PaymentState, Provider, Recipient, Secret, Submission, SubmitError,
    Submitted, Tried, Wise,
    fakes::{FakeWise, Fault},
    wise::WiseConfig,
};

use crate::office::{of, once, reference, references, to_banks};

const LATER: Duration = Duration::from_secs(120);

async fn start() -> (FakeWise, Wise) {
    let fake = FakeWise::start().await.unwrap();
    let config = WiseConfig { call_timeout: Duration::from_millis(500), ..fake.config() };
    (fake, Wise::new(config).unwrap())
}

#[tokio::test]
async fn a_group_is_funded_once_and_each_payment_is_reported() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 3);
    fake.script(
        &reference("pay_0"),
        &["processing", "outgoing_payment_sent", "bounced_back", "funds_refunded"],
    );
    let draft = wise.prepare(&submission).await.unwrap();
    assert_eq!(fake.journal(), []);
    let submitted = wise.submit(&submission, &draft).await.unwrap();
    let amounts: Vec<_> = fake.journal().into_iter().map(|line| (line.submission, line.amount)).collect();
    let line = |amount: &str| ("sub_1".to_owned(), amount.to_owned());
    assert_eq!(amounts, [line("10.00"), line("10.01"), line("10.02")]);

    let mut seen = Vec::new();
    for _ in 0..4 {
        let progress = wise.poll(&submission, &submitted).await.unwrap();
        let reports = progress.of(references(&submission));
        assert!(matches!(reports[1].state, PaymentState::Paid { .. }));
        seen.push(reports[0].state.clone());
    }
    let pending = |code: &str| PaymentState::Pending { code: code.to_owned() };
    let paid = PaymentState::Paid { provider_reference: "5000".to_owned(), fee: None };
    assert_eq!(seen[..3], [pending("processing"), paid, pending("bounced_back")]);
    assert!(matches!(&seen[3], PaymentState::Returned { code, .. } if code == "funds_refunded"));
}

/// Money that is cancelled on its way is at Wise until it is refunded.
#[tokio::test]
async fn what_is_cancelled_after_it_was_funded_was_accepted_and_waits_for_its_refund() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 1);
    let draft = wise.prepare(&submission).await.unwrap();
    let submitted = wise.submit(&submission, &draft).await.unwrap();
    fake.script(&reference("pay_0"), &["cancelled"]);
    let progress = wise.poll(&submission, &submitted).await.unwrap();
    assert_eq!(progress.reports[0].state, PaymentState::Pending { code: "cancelled".to_owned() });
    // The transfers alone do not tell whether there was money: neither "never arrived" nor "never paid" may be believed.
    let looked_up = wise.look_up(&submission, &draft, once(LATER)).await;
    assert!(matches!(looked_up, Err(LookUpError::Undecided(_))), "{looked_up:?}");
    assert!(wise.abandon(&draft).await.is_err());
    fake.script(&reference("pay_0"), &["funds_refunded"]);
    let progress = wise.poll(&submission, &submitted).await.unwrap();
    assert!(matches!(progress.reports[0].state, PaymentState::Returned { .. }), "{progress:?}");
}

#[tokio::test]
async fn a_group_of_which_a_transfer_was_cancelled_is_not_funded_and_fails_once_it_is_cancelled_itself() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 2);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.fault(Fault::InsufficientFunds);
    wise.submit(&submission, &draft).await.unwrap_err();
    fake.cancel_transfer(&reference("pay_1"));
    match wise.submit(&submission, &draft).await {
        Err(SubmitError::Refused(refusal)) => assert_eq!(refusal.code, "TRANSFER_CANCELLED"),
        other => panic!("{other:?}"),
    }
    let under_way = wise.abandon(&draft).await.unwrap_err();
    assert!(matches!(under_way, SubmitError::NotSent { retry_after: Some(_), .. }), "{under_way:?}");
    assert_eq!(wise.abandon(&draft).await, Ok(()));
    // Wise cancels only what was never funded.
    assert_eq!(wise.look_up(&submission, &draft, once(LATER)).await, Ok(None));
    let progress = wise.poll(&submission, &Submitted { provider_id: draft.0 }).await.unwrap();
    let has_failed =
        |state: &PaymentState| matches!(state, PaymentState::Failed { on_payee_side: false, .. });
    assert!(progress.reports.iter().all(|report| has_failed(&report.state)), "{progress:?}");
    assert_eq!((progress.reports.len(), fake.journal().len()), (2, 0));
}

#[tokio::test]
async fn a_fee_that_the_recipient_bears_is_taken_from_the_amount() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 5);
    let draft = wise.prepare(&submission).await.unwrap();
    wise.submit(&submission, &draft).await.unwrap();
    let amounts: Vec<_> = fake.journal().into_iter().map(|line| line.amount).collect();
    assert_eq!(amounts, ["10.00", "10.01", "10.02", "10.03", "10.04 less the fee"]);
}

#[tokio::test]
async fn after_a_lost_funding_the_look_up_finds_it_and_nothing_is_paid_twice() {
    for fault in [Fault::HangAfterAccepting, Fault::DropAfterAccepting, Fault::ErrorAfterAccepting] {
        let (fake, wise) = start().await;
        let submission = to_banks("sub_1", 2);
        let draft = wise.prepare(&submission).await.unwrap();
        fake.fault(fault);
        let error = wise.submit(&submission, &draft).await.unwrap_err();
        assert!(matches!(error, SubmitError::Unknown { .. }), "{fault:?}: {error:?}");
        let found = wise.look_up(&submission, &draft, once(Duration::ZERO)).await.unwrap();
        assert_eq!(found, Some(Submitted { provider_id: draft.0.clone() }));
        assert_eq!(wise.submit(&submission, &draft).await, Err(SubmitError::Duplicate));
        assert_eq!(wise.abandon(&draft).await, Err(SubmitError::Duplicate));
        assert_eq!(fake.journal().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_funding_that_was_lost_on_the_way_is_known_not_to_be_after_a_while() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 1);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.fault(Fault::DropBeforeAccepting);
    assert!(matches!(wise.submit(&submission, &draft).await, Err(SubmitError::Unknown { .. })));
    let early = wise
        .look_up(&submission, &draft, Tried { first_ago: LATER, last_ago: Duration::from_secs(20) })
        .await;
    assert_eq!(early, Err(LookUpError::TooEarly { wait: Duration::from_secs(40) }));
    assert_eq!(wise.look_up(&submission, &draft, once(LATER)).await, Ok(None));
    wise.submit(&submission, &draft).await.unwrap();
    assert_eq!(fake.journal().len(), 1);
}

#[tokio::test]
async fn another_amount_than_was_asked_is_never_paid() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 1);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.misquote();
    match wise.submit(&submission, &draft).await {
        Err(SubmitError::Refused(refusal)) => {
            assert_eq!((refusal.code.as_str(), refusal.payment), ("QUOTE_DIFFERS", None));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((fake.transfers(), fake.journal().len()), (0, 0));
}

#[tokio::test]
async fn a_submission_that_broke_off_goes_on_where_it_was() {
    for fault in [Fault::HangAfterAccepting, Fault::DropBeforeAccepting, Fault::TooManyCalls] {
        let (fake, wise) = start().await;
        let submission = to_banks("sub_1", 3);
        let draft = wise.prepare(&submission).await.unwrap();
        fake.fault_of_transfer(fault);
        let error = wise.submit(&submission, &draft).await.unwrap_err();
        assert!(matches!(error, SubmitError::NotSent { .. }), "{fault:?}: {error:?}");
        assert_eq!(fake.journal(), []);
        wise.submit(&submission, &draft).await.unwrap();
        assert_eq!((fake.transfers(), fake.journal().len()), (3, 3), "{fault:?}");
    }
}

#[tokio::test]
async fn a_draft_that_was_lost_before_it_was_stored_does_no_harm() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 2);
    wise.prepare(&submission).await.unwrap();
    let draft = wise.prepare(&submission).await.unwrap();
    wise.submit(&submission, &draft).await.unwrap();
    assert_eq!((fake.transfers(), fake.journal().len()), (2, 2));
}

#[tokio::test]
async fn of_two_at_once_one_is_funded() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 2);
    let draft = wise.prepare(&submission).await.unwrap();
    let (one, two) = tokio::join!(wise.submit(&submission, &draft), wise.submit(&submission, &draft));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!((fake.transfers(), fake.journal().len()), (2, 2));
}

#[tokio::test]
async fn a_refused_recipient_is_named_and_nothing_is_funded() {
    let (fake, wise) = start().await;
    let email = |name: &str| Recipient::Email {
        name: name.to_owned(),
        form: LegalForm::Person,
        email: "ann@example.com".to_owned(),
    };
    let submission = of("sub_1", money::Currency::EUR, 2, |place| email(["Ann Lee", "Ann"][place]));
    let draft = wise.prepare(&submission).await.unwrap();
    match wise.submit(&submission, &draft).await {
        Err(SubmitError::Refused(refusal)) => {
            assert_eq!((refusal.code.as_str(), refusal.payment), ("NOT_VALID", Some(reference("pay_1"))));
        }
        other => panic!("{other:?}"),
    }
    let under_way = wise.abandon(&draft).await.unwrap_err();
    assert!(matches!(under_way, SubmitError::NotSent { retry_after: Some(_), .. }), "{under_way:?}");
    wise.abandon(&draft).await.unwrap();
    wise.abandon(&draft).await.unwrap();
    let cancelled = wise.submit(&submission, &draft).await.unwrap_err();
    assert!(
        matches!(&cancelled, SubmitError::Refused(refusal) if refusal.code == "CANCELLED"),
        "{cancelled:?}"
    );
    assert_eq!(fake.journal(), []);
}

/// The group itself says whether it was cancelled, not the answer to the wish.
#[tokio::test]
async fn what_was_funded_while_it_was_given_up_is_not_given_up() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 1);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.fault(Fault::InsufficientFunds);
    wise.submit(&submission, &draft).await.unwrap_err();
    fake.race();
    assert_eq!(wise.abandon(&draft).await, Err(SubmitError::Duplicate));
}

#[tokio::test]
async fn too_little_money_is_a_refusal_that_can_be_mended() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 1);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.fault(Fault::InsufficientFunds);
    let refused = wise.submit(&submission, &draft).await.unwrap_err();
    assert!(
        matches!(&refused, SubmitError::Refused(refusal) if refusal.code == "balance.insufficient-funds")
    );
    wise.submit(&submission, &draft).await.unwrap();
    assert_eq!((fake.transfers(), fake.journal().len()), (1, 1));
}

#[tokio::test]
async fn a_group_that_does_not_hold_the_submission_is_not_funded() {
    let (fake, wise) = start().await;
    let two = to_banks("sub_1", 2);
    let draft = wise.prepare(&two).await.unwrap();
    fake.fault(Fault::InsufficientFunds);
    wise.submit(&two, &draft).await.unwrap_err();
    let mut others = two.payments().to_vec();
    others[1].reference = reference("pay_7");
    let others = Submission::new(reference("sub_3"), money::Currency::EUR, others).unwrap();
    for other in [to_banks("sub_2", 1), others] {
        let refused = wise.submit(&other, &draft).await.unwrap_err();
        assert!(
            matches!(&refused, SubmitError::Refused(refusal) if refusal.code == "GROUP_DIFFERS"),
            "{refused:?}"
        );
    }
    assert_eq!(fake.journal(), []);
}

#[tokio::test]
async fn refused_credentials_stay_secret_and_blame_no_payment() {
    let (fake, _) = start().await;
    let secret = "hunter2hunter2";
    let wise = Wise::new(WiseConfig { token: Secret::new(secret), ..fake.config() }).unwrap();
    let error = wise.submit(&to_banks("sub_1", 1), &Draft("x".to_owned())).await.unwrap_err();
    assert!(matches!(&error, SubmitError::Refused(refusal) if refusal.code == "CREDENTIALS_REFUSED"));
    assert!(!format!("{wise:?} {error:?} {error}").contains(secret));
}

#[tokio::test]
async fn a_refusal_to_fund_what_is_funded_is_no_refusal() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 2);
    let draft = wise.prepare(&submission).await.unwrap();
    fake.fault(Fault::RefusedAfterAccepting);
    assert_eq!(wise.submit(&submission, &draft).await, Err(SubmitError::Duplicate));
    fake.fault(Fault::InsufficientFunds);
    let unpaid = to_banks("sub_2", 1);
    let unpaid = Submission::new(
        reference("sub_2"),
        unpaid.currency(),
        vec![payout_providers::Payment { reference: reference("pay_9"), ..unpaid.payments()[0].clone() }],
    )
    .unwrap();
    let draft = wise.prepare(&unpaid).await.unwrap();
    assert!(matches!(wise.submit(&unpaid, &draft).await, Err(SubmitError::Refused(_))));
    assert_eq!(fake.journal().len(), 2);
}

/// A transfer that Wise has and has paid is in no group of ours: that is neither refused nor blamed on anybody.
#[tokio::test]
async fn what_was_paid_in_another_group_is_unknown() {
    let (fake, wise) = start().await;
    let submission = to_banks("sub_1", 2);
    for is_first in [true, false] {
        let draft = wise.prepare(&submission).await.unwrap();
        let said = wise.submit(&submission, &draft).await;
        assert_eq!((said.is_ok(), matches!(said, Err(SubmitError::Unknown { .. }))), (is_first, !is_first));
    }
    assert_eq!(fake.journal().len(), 2);
}

#[tokio::test]
async fn a_group_that_is_not_found_proves_nothing() {
    let (_fake, wise) = start().await;
    let (submission, draft) = (to_banks("sub_1", 1), Draft("nobody-knows-it".to_owned()));
    let tried = Tried { first_ago: LATER, last_ago: LATER };
    let looked_up = wise.look_up(&submission, &draft, tried).await;
    assert!(matches!(looked_up, Err(LookUpError::Undecided(_))), "{looked_up:?}");
    assert!(matches!(wise.abandon(&draft).await, Err(SubmitError::Refused(_))));
}
