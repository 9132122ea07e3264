use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{credential::Credential, public_url::PublicUrl};

/// Which account a session means.
pub(crate) const ACCOUNT_HEADER: &str = "x-account-id";

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
    /// `traceparent` of the W3C, if it has the form of one: the trace that the request belongs to.
    pub traceparent: Option<String>,
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
            account_id: text(ACCOUNT_HEADER, 64),
            traceparent: text("traceparent", 64).filter(|text: &String| is_traceparent(text)),
            user_agent: text(header::USER_AGENT.as_str(), 256),
        }
    }
}

/// Whether a text is `version-trace-parent-flags` in lower-case hex, as version 00 of the W3C's Trace Context has it.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let lengths = parts.iter().map(|part| part.len());
    lengths.eq([2, 32, 16, 2])
        && parts.iter().all(|part| is_hex(part))
        && !parts[1].bytes().all(|byte| byte == b'0')
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

#[cfg(test)]
mod tests {
    use super::is_traceparent;

    #[test]
    fn only_what_has_the_form_of_a_traceparent_is_kept() {
        assert!(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0;",
        ] {
            assert!(!is_traceparent(text), "{text}");
        }
    }
}
