use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{credential::Credential, public_url::PublicUrl};

/// What the edge knows of a request before anyone has looked at its credential. Also in the data of every operation.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// In the answer, in errors and in the log.
    pub request_id: String,
    /// Presented, not checked.
    pub credential: Credential,
    /// Behind trusted proxies, the address that they saw.
    pub client: IpAddr,
    /// `X-Account-Id`: which account a session means. Not checked.
    pub account_id: Option<String>,
    /// For the list of sessions; at most 256 characters.
    pub user_agent: Option<String>,
}

impl RequestInfo {
    pub(crate) fn new(
        request_id: String,
        credential: Credential,
        client: IpAddr,
        headers: &HeaderMap,
    ) -> Self {
        let text = |name: &str, longest: usize| {
            let text = headers.get(name)?.to_str().ok()?;
            Some(text.chars().take(longest).collect())
        };
        Self {
            request_id,
            credential,
            client,
            account_id: text("x-account-id", 64),
            user_agent: text(header::USER_AGENT.as_str(), 256),
        }
    }
}

/// When an operation should be over; in the data of every operation. PostgreSQL's `statement_timeout` ends a statement
/// that is under way; this lets a verb of many statements stop between two of them.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// When the client is answered `DEADLINE`.
    pub at: Instant,
    /// Cancelled at that moment.
    pub passed: CancellationToken,
}

/// The session cookie that an answer will set; in the data of every operation. Clones share it, the last call counts.
#[derive(Debug, Clone)]
pub struct SessionCookie {
    public_url: PublicUrl,
    set_cookie: Arc<Mutex<Option<HeaderValue>>>,
}

impl SessionCookie {
    pub(crate) fn new(public_url: PublicUrl) -> Self {
        Self { public_url, set_cookie: Arc::default() }
    }

    /// Has the browser keep `token` for so long. A token with characters that no cookie may hold is a fault of ours:
    /// it is logged, and no cookie is set.
    pub fn set(&self, token: &str, max_age_secs: u64) {
        let value = self.public_url.set_session(token, max_age_secs);
        if value.is_none() {
            tracing::error!("a session token holds characters that no cookie may");
        }
        self.put(value);
    }

    /// Has the browser forget its session.
    pub fn clear(&self) {
        self.put(self.public_url.clear_session());
    }

    pub(crate) fn take(&self) -> Option<HeaderValue> {
        self.set_cookie.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, value: Option<HeaderValue>) {
        *self.set_cookie.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
