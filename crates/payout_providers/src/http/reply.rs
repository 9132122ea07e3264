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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_an_hour_at_most() {
        let wait = |asked: &'static str| {
            let asked = header::HeaderValue::from_static(asked);
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, asked)]);
            Reply { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new() }.retry_after()
        };
        for (asked, seconds) in [("0", 0), (" 7 ", 7), ("3601", 3_600), ("18446744073709551615", 3_600)] {
            assert_eq!(wait(asked), Some(Duration::from_secs(seconds)), "{asked}");
        }
        for asked in ["-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(wait(asked), None, "{asked}");
        }
    }
}
