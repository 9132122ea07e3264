mod book;
mod groups;
mod transfers;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use serde_json::json;

use super::{
    Accepted, Fault,
    answer::{Said, json},
    fault::Faults,
    journal::Journal,
    server::Server,
};
use crate::{Reference, Secret, wise::WiseConfig};
use book::Book;

const TOKEN: &str = "fake-wise-token";
const PROFILE: u64 = 7;

/// Wise's Platform API: recipients, quotes, batch groups, transfers and funding from a balance.
pub struct FakeWise {
    desk: Arc<Desk>,
    server: Server,
}

#[derive(Default)]
struct Desk {
    book: Book,
    faults: Faults,
    step_faults: Faults,
    journal: Journal,
    misquotes: AtomicBool,
    races: AtomicBool,
}

type Here = State<Arc<Desk>>;

impl FakeWise {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let routes = Router::new()
            .route("/v1/accounts", post(transfers::create_account))
            .route("/v3/profiles/7/quotes", post(transfers::create_quote))
            .route("/v1/transfers/{id}", get(transfers::show))
            .route("/v3/profiles/7/batch-groups", post(groups::create))
            .route("/v3/profiles/7/batch-groups/{id}", get(groups::show).patch(groups::update))
            .route("/v3/profiles/7/batch-groups/{id}/transfers", post(transfers::add))
            .route("/v3/profiles/7/batch-payments/{id}/payments", post(groups::fund))
            .with_state(Arc::clone(&desk));
        Ok(Self { desk, server: Server::start(routes).await? })
    }

    /// A configuration for this fake, with a time limit of two seconds.
    pub fn config(&self) -> WiseConfig {
        WiseConfig {
            base: self.server.base(),
            token: Secret::new(TOKEN),
            profile: PROFILE,
            call_timeout: std::time::Duration::from_secs(2),
            settles_within: std::time::Duration::from_secs(60),
        }
    }

    /// Spoils the next funding; faults queue up.
    pub fn fault(&self, fault: Fault) {
        self.desk.faults.push(fault);
    }

    /// Spoils the next transfer that is added to a group; faults queue up.
    pub fn fault_of_transfer(&self, fault: Fault) {
        self.desk.step_faults.push(fault);
    }

    /// From now on quotes are of another amount than was asked.
    pub fn misquote(&self) {
        self.desk.misquotes.store(true, SeqCst);
    }

    /// From now on a group is funded just when it is to be cancelled, while the answer says that it is.
    pub fn race(&self) {
        self.desk.races.store(true, SeqCst);
    }

    /// What is to become of a payment once it is funded, one status at each poll, the last one staying: `["processing",
    /// "outgoing_payment_sent", "bounced_back", "funds_refunded"]`. Without a script it is sent at once.
    pub fn script(&self, payment: &Reference, states: &[&str]) {
        self.desk.journal.script(&crate::wise::transaction_id(payment).to_string(), states);
    }

    /// Cancels a transfer that nobody has funded, as Wise does after two weeks.
    pub fn cancel_transfer(&self, payment: &Reference) {
        let transaction = crate::wise::transaction_id(payment).to_string();
        let mut pages = self.desk.book.open();
        let its = pages.transfers.values_mut().filter(|transfer| transfer.transaction == transaction);
        its.for_each(|transfer| transfer.is_cancelled = true);
    }

    /// Funds a group as a person does who sees it at Wise; answers whether that moved money.
    pub fn fund_by_hand(&self, group: &str) -> bool {
        groups::pay(&self.desk, group).status().is_success()
    }

    /// What was funded, in order: one line for each transfer and each time.
    pub fn journal(&self) -> Vec<Accepted> {
        self.desk.journal.lines()
    }

    /// How many transfers there are, funded or not, in all groups.
    pub fn transfers(&self) -> usize {
        self.desk.book.transfers()
    }
}

/// The answer to a caller without a token.
fn stranger(headers: &HeaderMap) -> Option<Said> {
    let expected = format!("Bearer {TOKEN}");
    let known = headers.get("authorization").is_some_and(|value| value == expected.as_str());
    (!known).then(|| json(401, &json!({ "error": "unauthorized", "message": "Invalid token" })))
}

fn complaint(status: u16, code: &str, message: &str) -> Said {
    json(status, &json!({ "errors": [{ "code": code, "message": message }] }))
}
