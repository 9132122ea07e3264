use chrono::TimeDelta;
use domain::{
    files::FileContent,
    payout_batches::{PayoutSubmission, Rail, SubmissionStatus},
    payouts::PayoutStatus,
};
use money::Currency;
use payout_details::{
    BankAccountInput, LegalType, PayoutDetailsInput, PaypalReceiverInput, PaypalWallet, WiseReceiverInput,
};

use super::till::Till;

fn wise(receiver: WiseReceiverInput) -> PayoutDetailsInput {
    let (holder, currency) = ("Grace Hopper".to_owned(), Currency::USD);
    PayoutDetailsInput::Wise { holder, legal_type: LegalType::Private, currency, receiver }
}

async fn text(till: &Till, file_id: ids::FileId) -> (String, String) {
    let conn = &mut *till.office.conn().await;
    let file = FileContent::read(conn, till.vault.as_deref(), (till.office.scope.account_id, file_id))
        .await
        .unwrap()
        .unwrap();
    (file.name, String::from_utf8(file.bytes).unwrap())
}

#[tokio::test]
async fn a_file_says_whom_to_pay_and_what_it_cannot_say_fails_before() {
    let till = Till::open(1).await;
    let iban = BankAccountInput::Iban { iban: "DE89370400440532013000".to_owned(), bic: None };
    let us = BankAccountInput::Us {
        routing_number: "021000021".to_owned(),
        account_number: "123456789".to_owned(),
        account_type: payout_details::UsAccountType::Checking,
    };
    till.payee(1, wise(WiseReceiverInput::Account(iban))).await;
    till.payee(2, wise(WiseReceiverInput::Account(us))).await;
    till.payee(3, wise(WiseReceiverInput::Email("grace@example.com".to_owned()))).await;
    // As if it had been given to a binary that took it for something else: a batch leaves out what its rail does not reach.
    for change in [
        "ALTER TABLE payout_methods DISABLE TRIGGER payout_methods_freeze",
        "UPDATE payout_methods SET route = 'WISE_IBAN' WHERE route = 'WISE_DOMESTIC'",
        "ALTER TABLE payout_methods ENABLE TRIGGER payout_methods_freeze",
    ] {
        till.office.execute(change).await;
    }
    let batch = till.batch(Rail::WiseFile).await;
    assert_eq!(batch.payouts, 3, "PayPal is another rail");
    till.execute(&batch).await;
    till.work().await;
    let submission = till.submission(&batch).await;
    assert_eq!(submission.status, SubmissionStatus::Accepted);
    let (name, file) = text(&till, submission.file_id.unwrap()).await;
    assert_eq!(name, format!("wise_file-{}.csv", submission.reference));
    assert!(file.contains("DE89370400440532013000") && file.contains("grace@example.com"), "{file}");
    assert_eq!(file.lines().count(), 3, "{file}");
    let hidden = "SELECT (position('DE89'::bytea in bytes) = 0)::text AS line FROM files";
    assert_eq!(till.office.lines(hidden).await, ["true"], "it is sealed");
    let mut stands: Vec<_> = till.payouts().await.iter().map(|payout| payout.status).collect();
    stands.sort_by_key(ToString::to_string);
    assert_eq!(stands, [PayoutStatus::Failed, PayoutStatus::Sending, PayoutStatus::Sending]);
    assert_eq!(till.balances().await, "AVAILABLE 2468, PAID 0, RESERVED 2468");

    // The list that Wise's website gives calls payments by the references of the file.
    let mut list = "ID,Status,Source currency,Reference\n".to_owned();
    for (place, row) in file.lines().skip(1).enumerate() {
        let reference = row.split(',').nth(2).unwrap();
        list += &format!("TRANSFER-{place},COMPLETED,USD,{reference}\n");
    }
    let results = till.brings(&batch, till.vault.as_deref(), &list).await;
    till.work().await;
    let seen = "SELECT concat_ws(' ', status, settled, problems) AS line FROM payout_results";
    assert_eq!(till.office.lines(seen).await, ["READ 2 {}"], "{results}");
    let references = "SELECT provider_reference AS line FROM payouts WHERE status = 'PAID' ORDER BY id";
    assert_eq!(till.office.lines(references).await, ["TRANSFER-0", "TRANSFER-1"]);
    assert_eq!(till.balances().await, "AVAILABLE 2468, PAID 2468, RESERVED 0");
    till.assert_verified().await;
}

#[tokio::test]
async fn a_list_for_people_says_everything() {
    let till = Till::open(2).await;
    till.payee(2, PayoutDetailsInput::Manual { instructions: "Cash, on Fridays".to_owned() }).await;
    let batch = till.batch(Rail::File).await;
    till.execute(&batch).await;
    till.work().await;
    let (_, file) = text(&till, till.submission(&batch).await.file_id.unwrap()).await;
    assert!(file.contains("payee-0@example.com") && file.contains("Cash, on Fridays"), "{file}");
    for payout in till.payouts().await {
        assert!(file.contains(&payout.id.to_string()), "{file}");
    }
    assert_eq!(till.office.lines("SELECT status AS line FROM payouts").await, ["SENDING"; 3]);
}

/// What is paid by hand, or given as credit, says whom and where: those who do it see it nowhere else.
#[tokio::test]
async fn what_is_paid_by_hand_comes_with_a_list() {
    let till = Till::open(0).await;
    till.payee(1, PayoutDetailsInput::Manual { instructions: "Cash, on Fridays".to_owned() }).await;
    let reference = Some("customer 77".to_owned());
    till.payee(2, PayoutDetailsInput::StoreCredit { reference }).await;
    for (rail, said, ended) in
        [(Rail::Manual, "Cash, on Fridays", "SENDING"), (Rail::StoreCredit, "customer 77", "PAID")]
    {
        let batch = till.batch(rail).await;
        assert_eq!(batch.payouts, 1);
        till.execute(&batch).await;
        till.work().await;
        let submission = till.submission(&batch).await;
        let (_, file) = text(&till, submission.file_id.unwrap()).await;
        assert!(file.contains(said), "{file}");
        let stands = format!(
            "SELECT status AS line FROM payouts WHERE submission_id = '{}'",
            ids::TypedId::uuid(submission.id)
        );
        assert_eq!(till.office.lines(&stands).await, [ended]);
    }
    till.assert_verified().await;
}

/// A list that cannot be made is not forgotten: the job tries again, and a person may ask for it until it is there.
#[tokio::test]
async fn a_list_that_could_not_be_made_is_made_later() {
    let mut till = Till::open(0).await;
    till.payee(1, PayoutDetailsInput::Manual { instructions: "Cash, on Fridays".to_owned() }).await;
    till.payee(2, PayoutDetailsInput::StoreCredit { reference: Some("customer 77".to_owned()) }).await;
    let (manual, credit) = (till.batch(Rail::Manual).await, till.batch(Rail::StoreCredit).await);
    till.execute(&manual).await;
    till.execute(&credit).await;
    let vault = till.vault.take();
    till.work().await;
    assert_eq!(till.submission(&manual).await.status, SubmissionStatus::Accepted);
    assert_eq!(till.submission(&credit).await.status, SubmissionStatus::Done);
    let waits = "SELECT count(*)::text AS line FROM jobs WHERE kind = 'payouts.write_file' AND errors::text LIKE '%PAYOUT_KEYS%'";
    assert_eq!(till.office.lines(waits).await, ["2"]);
    till.vault = vault;
    for batch in [&manual, &credit] {
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        let id = till.submission(batch).await.id;
        PayoutSubmission::retry(conn, &till.office.scope, id, &act).await.unwrap();
    }
    till.after(TimeDelta::minutes(1)).await;
    for batch in [&manual, &credit] {
        let submission = till.submission(batch).await;
        let (conn, act) = (&mut *till.office.conn().await, till.office.act());
        let again = PayoutSubmission::retry(conn, &till.office.scope, submission.id, &act).await;
        assert!(submission.file_id.is_some() && again.is_err(), "{submission:?}");
    }
    till.assert_verified().await;
}

/// An address that a spreadsheet would compute is named in no file, and keeps nobody else from being paid.
#[tokio::test]
async fn an_address_that_no_file_can_name_fails_alone() {
    let till = Till::open(1).await;
    let receiver = PaypalReceiverInput::Email("=a@example.com".to_owned());
    till.payee(1, PayoutDetailsInput::Paypal { wallet: PaypalWallet::Paypal, receiver }).await;
    let batch = till.batch(Rail::PaypalFile).await;
    till.execute(&batch).await;
    till.work().await;
    let (_, file) = text(&till, till.submission(&batch).await.file_id.unwrap()).await;
    assert!(file.contains("payee-0@example.com") && file.lines().count() == 1, "{file}");
    assert_eq!(till.balances().await, "AVAILABLE 1234, PAID 0, RESERVED 1234");
    assert!(till.told("partner-1@example.com").contains(&"payout_failed"));
}
