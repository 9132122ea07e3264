//! Clients that record sales of three programs, try again until they are answered, and write down what was acknowledged.

use std::{collections::BTreeMap, time::Duration};

use domain::team::Permission as P;
use ids::ProgramId;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};
use tokio::{task::JoinSet, time::sleep};

use super::fleet::Fleet;

const RECORD: &str = "mutation($program: ID!, $key: String!, $customer: String!, $amount: Decimal!) {
    transactionRecord(programId: $program, input: { key: $key, customerKey: $customer, amount: {
        amount: $amount, currency: \"EUR\" } }) { transaction { id } userErrors { code message } } }";
const FEED: &str = "query($after: String) { events(first: 100, after: $after) {
    nodes { id position } pageInfo { endCursor } } }";

/// So long a client tries before the test fails: longer than any fault lasts.
const TRIES: usize = 2_400;

/// What was acknowledged: the sale's id by program and key.
pub type Journal = BTreeMap<(ProgramId, String), String>;

/// The events that the reader saw, in its order: id and position.
pub type Seen = Vec<(String, i64)>;

#[derive(Clone)]
pub struct Load {
    pub programs: Vec<ProgramId>,
    pub sales: u64,
    client: Actor,
}

impl Load {
    pub async fn prepare(app: &TestApp, fleet: &Fleet, sales: u64) -> Self {
        let mut programs = Vec::new();
        for number in 0..3 {
            let program = app.program().await;
            let partner = app.partner(program, &format!("partner-{number}")).await;
            for customer in 0..20 {
                app.customer(program, partner, &format!("customer-{customer}")).await;
            }
            programs.push(program);
        }
        let client = app.api_key(&[P::TransactionsWrite, P::AuditRead], &[]).await.at(fleet.address);
        Self { programs, sales, client }
    }

    pub async fn run(&self, clients: u64) -> Journal {
        self.start(clients).finish().await
    }

    pub fn start(&self, clients: u64) -> Running {
        let mut tasks = JoinSet::new();
        for client in 0..clients {
            tasks.spawn(self.clone().record(client, clients));
        }
        Running(tasks)
    }

    /// Every client has its share of the sales; every tenth sale is said again, and must be the same.
    async fn record(self, client: u64, clients: u64) -> Journal {
        let mut journal = Journal::new();
        for number in (client..self.sales).step_by(usize::try_from(clients).unwrap()) {
            let program = self.programs[usize::try_from(number % 3).unwrap()];
            let key = format!("sale-{number}");
            let id = self.acknowledged(program, &key, number).await;
            if number % 10 == 0 {
                assert_eq!(self.acknowledged(program, &key, number).await, id, "a replay is the first sale");
            }
            journal.insert((program, key), id);
        }
        journal
    }

    async fn acknowledged(&self, program: ProgramId, key: &str, number: u64) -> String {
        let customer = format!("customer-{}", number % 23);
        let amount = format!("{}.{:02}", 1 + number % 90, number % 100);
        let variables = json!({ "program": program, "key": key, "customer": customer, "amount": amount });
        for _ in 0..TRIES {
            if let Ok(answer) = self.client.try_gql(RECORD, variables.clone()).await {
                let payload = &answer.data["transactionRecord"];
                if let Some(id) = payload["transaction"]["id"].as_str() {
                    return id.to_owned();
                }
                assert_eq!(payload["userErrors"].as_array().map_or(0, Vec::len), 0, "refused: {payload}");
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{key} is not acknowledged within two minutes");
    }

    pub fn follow_the_feed(&self) -> Reader {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let client = self.client.clone();
        Reader { stop, task: tokio::spawn(follow(client, stopped)) }
    }
}

pub struct Running(JoinSet<Journal>);

impl Running {
    pub async fn finish(self) -> Journal {
        self.0.join_all().await.into_iter().flatten().collect()
    }
}

pub struct Reader {
    stop: tokio::sync::watch::Sender<bool>,
    task: tokio::task::JoinHandle<Seen>,
}

impl Reader {
    /// Reads on until there is nothing new, then answers what was seen.
    pub async fn finish(self) -> Seen {
        self.stop.send(true).unwrap();
        self.task.await.unwrap()
    }
}

async fn follow(client: Actor, stopped: tokio::sync::watch::Receiver<bool>) -> Seen {
    let (mut seen, mut after) = (Seen::new(), Value::Null);
    loop {
        let is_last = *stopped.borrow();
        let Ok(answer) = client.try_gql(FEED, json!({ "after": after })).await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let events = &answer.data["events"];
        let Some(nodes) = events["nodes"].as_array() else { continue };
        for node in nodes {
            let position = node["position"].as_str().unwrap().parse().unwrap();
            seen.push((node["id"].as_str().unwrap().to_owned(), position));
        }
        if let Some(cursor) = events["pageInfo"]["endCursor"].as_str() {
            after = json!(cursor);
        } else if is_last {
            return seen;
        } else {
            sleep(Duration::from_millis(10)).await;
        }
    }
}
