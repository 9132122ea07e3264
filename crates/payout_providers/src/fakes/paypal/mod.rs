mod batches;
mod payouts;
mod webhooks;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    Accepted, Fault,
    answer::{Said, json},
    fault::Faults,
    journal::Journal,
    server::Server,
};
use crate::{Secret, paypal::PayPalConfig};
use batches::Batches;

const CLIENT_ID: &str = "fake-client";
const CLIENT_SECRET: &str = "fake-client-secret";
const WEBHOOK_ID: &str = "FAKEWEBHOOK1";

/// PayPal's Payouts API: access tokens, batches, their pages, webhooks and their verification.
pub struct FakePayPal {
    desk: Arc<Desk>,
    server: Server,
}

#[derive(Default)]
struct Desk {
    batches: Batches,
    faults: Faults,
    journal: Journal,
    tokens: Tokens,
    /// How often somebody asked for a batch.
    asked: AtomicUsize,
    /// The most items of a page, if they are fewer than were asked for.
    page: AtomicUsize,
}

/// How many access tokens were granted; the last one alone holds.
#[derive(Default)]
struct Tokens {
    granted: AtomicUsize,
    ended: AtomicUsize,
}

impl FakePayPal {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let routes = Router::new()
            .route("/v1/oauth2/token", post(grant))
            .route("/v1/payments/payouts", post(payouts::create))
            .route("/v1/payments/payouts/{id}", get(payouts::show))
            .route("/v1/notifications/verify-webhook-signature", post(webhooks::verify))
            .with_state(Arc::clone(&desk));
        Ok(Self { desk, server: Server::start(routes).await? })
    }

    /// A configuration for this fake, with a time limit of two seconds.
    pub fn config(&self) -> PayPalConfig {
        PayPalConfig {
            base: self.server.base(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Secret::new(CLIENT_SECRET),
            webhook_id: Some(WEBHOOK_ID.to_owned()),
            email_subject: None,
            call_timeout: std::time::Duration::from_secs(2),
            settles_within: std::time::Duration::ZERO,
        }
    }

    /// Spoils the next call that creates a batch; faults queue up.
    pub fn fault(&self, fault: Fault) {
        self.desk.faults.push(fault);
    }

    /// From now on pages have at most so many items.
    pub fn shorten_pages(&self, items: usize) {
        self.desk.page.store(items, SeqCst);
    }

    /// What is to become of a payment, one state at each poll, the last one staying: `["PENDING", "SUCCESS"]`,
    /// `["UNCLAIMED:RECEIVER_UNREGISTERED", "RETURNED"]`, `["FAILED:RECEIVER_ACCOUNT_LOCKED"]`. Without a script it
    /// succeeds; of one that is `GARBLED` nothing can be read, and of one that is `ILLEGIBLE` only whose it is.
    pub fn script(&self, payment: &str, states: &[&str]) {
        self.desk.journal.script(payment, states);
    }

    /// Gives up the batch of a submission, and with it all its payments.
    pub fn deny(&self, submission: &str) {
        self.desk.batches.deny(submission);
    }

    /// Ends the access token of the moment before its time.
    pub fn end_token(&self) {
        self.desk.tokens.ended.store(self.desk.tokens.granted.load(SeqCst), SeqCst);
    }

    /// How many access tokens were granted.
    pub fn tokens(&self) -> usize {
        self.desk.tokens.granted.load(SeqCst)
    }

    /// How often somebody asked for a batch, whatever came of it.
    pub fn asked(&self) -> usize {
        self.desk.asked.load(SeqCst)
    }

    /// What was accepted, in order: one line for each payment and each time.
    pub fn journal(&self) -> Vec<Accepted> {
        self.desk.journal.lines()
    }
}

/// `POST /v1/oauth2/token`.
async fn grant(State(desk): Here, headers: HeaderMap, body: Bytes) -> Said {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    let known = headers.get("authorization").is_some_and(|value| value == expected.as_str());
    if !known || body != "grant_type=client_credentials" {
        let denied =
            json!({ "error": "invalid_client", "error_description": "Client Authentication failed" });
        return json(401, &denied);
    }
    let number = desk.tokens.granted.fetch_add(1, SeqCst) + 1;
    json(200, &json!({ "access_token": access_token(number), "token_type": "Bearer", "expires_in": 32_400 }))
}

fn access_token(number: usize) -> String {
    format!("fake-access-token-{number}")
}

/// The answer to a caller without a token that holds.
fn stranger(desk: &Desk, headers: &HeaderMap) -> Option<Said> {
    let number = desk.tokens.granted.load(SeqCst);
    let expected = format!("Bearer {}", access_token(number));
    let known = headers.get("authorization").is_some_and(|value| value == expected.as_str());
    let holds = known && number > desk.tokens.ended.load(SeqCst);
    let denied =
        json!({ "error": "invalid_token", "error_description": "Token signature verification failed" });
    (!holds).then(|| json(401, &denied))
}

type Here = State<Arc<Desk>>;
