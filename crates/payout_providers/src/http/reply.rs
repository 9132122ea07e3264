use std::time::Duration;

use hyper::{HeaderMap, StatusCode, body::Bytes, header};
use serde::de::DeserializeOwned;

/// Nobody asks for longer and means it: payments wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// An answer, whole.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body as JSON, if it is what was expected.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// How long the server asks to wait, an hour at most; dates are not understood.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
    }

    /// Whether the server is too busy to have looked at the call.
    pub(crate) fn is_throttled(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS
    }
}
