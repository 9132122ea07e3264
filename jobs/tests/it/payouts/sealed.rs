//! What is sealed follows its keys, and says so where none opens it.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{files::ResealFiles, payout_batches::Rail, payout_methods::ResealPayoutMethods};
use payout_details::PayoutDetailsInput;
use queue::NewJob;
use vault::Vault;

use super::till::{Till, by_email};

fn vault(keys: &str) -> Option<Arc<Vault>> {
    Some(Arc::new(keys.parse().unwrap()))
}

/// What one key sealed, of which another is no key: of an id, so that a copy opens by none.
fn key(name: &str, letter: &str) -> String {
    format!("{name}:{}=", letter.repeat(43))
}

#[tokio::test]
async fn a_rotation_goes_past_what_nothing_opens_and_ends() {
    let mut till = Till::open(1).await;
    let batch = till.batch(Rail::PaypalFile).await;
    till.execute(&batch).await;
    till.work().await;
    // More than one run takes, and before those that open.
    let low = "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid";
    till.office
        .execute(&format!(
            "INSERT INTO files SELECT (jsonb_populate_record(f, jsonb_build_object('id', {low}))).* \
             FROM files f, generate_series(1, 45) n"
        ))
        .await;
    till.office
        .execute(&format!(
            "INSERT INTO payout_methods SELECT (jsonb_populate_record(m, jsonb_build_object('id', {low}, \
                 'default_since', NULL))).* FROM payout_methods m, generate_series(1, 450) n"
        ))
        .await;
    till.vault = vault(&[key("k2", "E"), key("k1", "A")].join(","));
    let jobs = [NewJob::of(&ResealFiles::default()), NewJob::of(&ResealPayoutMethods::default())];
    queue::enqueue(&mut *till.office.conn().await, till.office.now, &till.office.ids, &jobs).await.unwrap();
    till.work().await;
    for (table, copies) in [("files", 45), ("payout_methods", 450)] {
        let keys = format!(
            "SELECT concat_ws(' ', key_id, count(*)) AS line FROM {table} GROUP BY key_id ORDER BY 1"
        );
        assert_eq!(till.office.lines(&keys).await, [format!("k1 {copies}"), "k2 1".to_owned()], "{table}");
    }
    till.vault = vault(&key("k2", "E"));
    till.payee(2, by_email(2)).await;
    let again = till.batch(Rail::PaypalFile).await;
    till.execute(&again).await;
    till.work().await;
    assert!(till.submission(&again).await.file_id.is_some());
}

#[tokio::test]
async fn a_list_that_no_key_opens_waits_for_one_and_is_refused_in_the_end() {
    let mut till = Till::open(0).await;
    till.payee(0, PayoutDetailsInput::Manual { instructions: "Cash, on Fridays".to_owned() }).await;
    let batch = till.batch(Rail::Manual).await;
    till.execute(&batch).await;
    till.work().await;
    let payout = till.payouts().await.remove(0);
    let list = format!("reference,status\n{},paid\n", payout.id);
    let stands = "SELECT concat_ws(' ', status, settled) AS line FROM payout_results ORDER BY id";
    till.brings(&batch, vault(&key("k9", "A")).as_deref(), &list).await;
    till.brings(&batch, vault(&key("k1", "E")).as_deref(), &list).await;
    till.work().await;
    assert_eq!(till.office.lines(stands).await, ["PENDING 0", "REFUSED 0"], "another key stays another");
    for _ in 0..25 {
        till.after(TimeDelta::hours(2)).await;
    }
    assert_eq!(till.office.lines(stands).await, ["REFUSED 0", "REFUSED 0"]);
    let problems = "SELECT DISTINCT array_to_string(problems, ' ') AS line FROM payout_results";
    let told = ["No key of this instance opens the file any more. Give it once more, as a new file."];
    assert_eq!(till.office.lines(problems).await, told);
    till.brings(&batch, till.vault.as_deref(), &list).await;
    till.work().await;
    assert_eq!(till.office.lines(stands).await, ["REFUSED 0", "REFUSED 0", "READ 1"]);
    till.assert_verified().await;
}
