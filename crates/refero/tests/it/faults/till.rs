//! People who have the partners of a program paid, all of them at once, and say everything again until they are answered.

use std::time::Duration;

use domain::team::Permission;
use ids::ProgramId;
use payout_providers::fakes::{FakePayPal, Fault};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};
use tokio::{task::JoinSet, time::sleep};

use super::fleet::Fleet;

/// So long somebody tries before the test fails: longer than any fault lasts.
const TRIES: usize = 2_400;
/// Who do the same at the same time.
const AT_ONCE: usize = 10;
/// How many partners a program has.
const PARTNERS: usize = 8;

const METHOD: &str = "mutation($id: ID!, $email: String!) { it: payoutMethodSet(partnerId: $id, input: {
    paypal: { receiver: { email: $email } } }) { userErrors { code message } } }";
const GIFT: &str = "mutation($id: ID!, $key: String!) { it: rewardCreateManual(input: { partnerId: $id, reason: \"A gift\",
    amount: { amount: \"15.25\", currency: \"EUR\" }, idempotencyKey: $key }) { userErrors { code message } } }";
const REFUND: &str = "mutation($program: ID!, $sale: String!, $key: String!) { it: transactionRefund(input: {
    programId: $program, transactionKey: $sale, key: $key, amount: \"30.00\" }) { userErrors { code message } } }";
const CHARGEBACK: &str =
    "mutation($program: ID!, $sale: String!, $key: String!) { it: transactionChargeback(input: {
    programId: $program, transactionKey: $sale, key: $key }) { userErrors { code message } } }";
const REQUEST: &str = "mutation($id: ID!, $key: String!) { it: payoutRequest(idempotencyKey: $key, input: {
    partnerId: $id }) { payout { id } userErrors { code message } } }";
const APPROVE: &str = "mutation($id: ID!) { it: payoutsApprove(ids: [$id]) { userErrors { code message } } }";
const CREATE: &str =
    "mutation($program: ID!, $key: String!) { it: payoutBatchCreate(idempotencyKey: $key, input: {
    programId: $program, rail: PAYPAL }) { batch { id } userErrors { code message } } }";
const RETRY: &str =
    "mutation($id: ID!, $key: String!) { it: payoutBatchRetry(id: $id, idempotencyKey: $key) {
    batch { id } userErrors { code message } } }";
const EXECUTE: &str =
    "mutation($id: ID!, $total: MoneyInput!, $key: String!) { it: payoutBatchExecute(id: $id,
    confirmedTotal: $total, idempotencyKey: $key) { batch { id } userErrors { code message } } }";
const BATCH: &str = "query($id: ID!) { it: payoutBatch(id: $id) { status total { amount currency }
    payouts(first: 100) { nodes { id } } } }";

/// A program whose partners are paid by PayPal, and whoever pays them.
#[derive(Clone)]
pub struct Till {
    client: Actor,
    program: ProgramId,
    partners: Vec<String>,
}

impl Till {
    /// With partners who have earned of three sales each, a month ago.
    pub async fn open(app: &TestApp, number: usize) -> Self {
        let program = app.program().await;
        let mut partners = Vec::new();
        for place in 0..PARTNERS {
            let partner = app.partner(program, &format!("partner-{number}-{place}")).await;
            let customer = format!("customer-{place}");
            app.customer(program, partner, &customer).await;
            for sale in 0..3 {
                app.sale(program, &customer, &format!("sale-{place}-{sale}"), "100.00").await;
            }
            partners.push(partner.to_string());
        }
        Self { client: app.api_key(Permission::ALL, &[]).await, program, partners }
    }

    /// The same, at the processes under test.
    pub async fn at(self, fleet: &Fleet) -> Self {
        let till = Self { client: self.client.at(fleet.address), ..self };
        for partner in &till.partners {
            till.done(METHOD, json!({ "id": partner, "email": format!("{partner}@payees.example.com") }))
                .await;
        }
        till
    }

    /// What is said is said again until it is answered.
    async fn said(&self, query: &str, variables: &Value) -> Value {
        for _ in 0..TRIES {
            if let Ok(answer) = self.client.try_gql(query, variables.clone()).await {
                let it = &answer.data["it"];
                if !it.is_null() {
                    return it.clone();
                }
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{variables} is not answered within two minutes");
    }

    async fn done(&self, query: &str, variables: Value) -> Value {
        let answer = self.said(query, &variables).await;
        assert_eq!(answer["userErrors"], json!([]), "{variables}");
        answer
    }

    /// Many say it at once, each until answered; all are answered the same.
    async fn all_at_once(&self, query: &'static str, variables: Value) -> Value {
        let mut saying = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (till, variables) = (self.clone(), variables.clone());
            saying.spawn(async move { till.done(query, variables).await });
        }
        let answers = saying.join_all().await;
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        answers[0].clone()
    }

    /// Sales are taken back, in part or whole, of every partner.
    async fn take_back(&self, query: &str, sale: usize) {
        for place in 0..PARTNERS {
            let sale = format!("sale-{place}-{sale}");
            self.done(query, json!({ "program": self.program, "sale": sale, "key": format!("back-{sale}") }))
                .await;
        }
    }

    /// Some partners ask for what they have, each twice at once; it is approved.
    async fn requests(&self, round: usize) {
        for partner in self.partners.iter().skip(round).step_by(3) {
            let asked = json!({ "id": partner, "key": format!("request-{round}-{partner}") });
            let (one, other) = tokio::join!(self.said(REQUEST, &asked), self.said(REQUEST, &asked));
            assert_eq!(one["payout"], other["payout"], "the same key is the same payout");
            // Nothing is there for who owes more than they earned since.
            let Some(payout) = one["payout"]["id"].as_str() else { continue };
            self.said(APPROVE, &json!({ "id": payout })).await;
        }
    }

    /// Waits until the batch stands in one of these states.
    async fn until(&self, batch: &str, states: &[&str]) -> Value {
        for _ in 0..TRIES {
            let found = self.said(BATCH, &json!({ "id": batch })).await;
            if states.contains(&found["status"].as_str().unwrap()) {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{batch} is none of {states:?} within two minutes");
    }

    /// Executes a batch once it is frozen; every seventh payment will fail. Answers how it ended.
    async fn execute(&self, paypal: &FakePayPal, batch: &str) -> String {
        let frozen = self.until(batch, &["APPROVED", "CANCELLED"]).await;
        if frozen["status"] == "CANCELLED" {
            return "CANCELLED".to_owned();
        }
        for payout in frozen["payouts"]["nodes"].as_array().unwrap().iter().step_by(7) {
            paypal.script(payout["id"].as_str().unwrap(), &["FAILED:RECEIVER_ACCOUNT_LOCKED"]);
        }
        let confirmed = json!({ "id": batch, "total": frozen["total"], "key": batch });
        self.all_at_once(EXECUTE, confirmed).await;
        let ended = self.until(batch, &["COMPLETED", "PARTLY_FAILED"]).await;
        ended["status"].as_str().unwrap().to_owned()
    }

    /// Twice: gifts, requests, a batch of all that is there, a provider that breaks in this way, and sales that are taken back
    /// before, while and after it is paid. Then what failed is tried again.
    pub async fn pay(self, paypal: &FakePayPal, faults: [Fault; 2]) {
        let mut last = None;
        for (round, fault) in faults.into_iter().enumerate() {
            for partner in &self.partners {
                self.done(GIFT, json!({ "id": partner, "key": format!("gift-{round}-{partner}") })).await;
            }
            self.requests(round).await;
            let new = json!({ "program": self.program, "key": format!("batch-{round}-{}", self.program) });
            let batch = self.all_at_once(CREATE, new).await["batch"]["id"].as_str().unwrap().to_owned();
            paypal.fault(fault);
            let taken = if round == 1 { CHARGEBACK } else { REFUND };
            let (ended, ()) = tokio::join!(self.execute(paypal, &batch), self.take_back(taken, round));
            last = (ended == "PARTLY_FAILED").then_some(batch).or(last);
        }
        let failed = last.expect("some payments of some batch failed");
        self.take_back(REFUND, 2).await;
        let again = self.all_at_once(RETRY, json!({ "id": failed, "key": failed })).await;
        self.execute(paypal, again["batch"]["id"].as_str().unwrap()).await;
    }
}
