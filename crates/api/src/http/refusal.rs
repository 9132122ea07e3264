use std::{borrow::Cow, time::Duration};

use async_graphql::Pos;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};

/// A request that is answered without being executed: what the client is told, and how.
///
/// A transport refusal keeps its status whatever the client accepts. A document refusal is a GraphQL request error:
/// 400 as `application/graphql-response+json`, and 200 as `application/json`, as GraphQL over HTTP wants it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) at: Option<Pos>,
    pub(crate) hint: Option<Hint>,
    pub(crate) is_about_document: bool,
}

impl Refusal {
    pub(crate) fn transport(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code, message: message.into(), at: None, hint: None, is_about_document: false }
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::transport(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(crate) fn document(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { is_about_document: true, ..Self::transport(StatusCode::BAD_REQUEST, code, message) }
    }

    pub(crate) fn unauthenticated(message: &'static str) -> Self {
        Self::transport(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message).hinting(Hint::Bearer)
    }

    pub(crate) fn method_not_allowed(message: &'static str, allow: &'static str) -> Self {
        Self::transport(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
            .hinting(Hint::Allow(allow))
    }

    pub(crate) fn rate_limited(retry_after: Duration) -> Self {
        // Whole seconds, rounded up: a client that obeys must not be refused again.
        let seconds = (retry_after.as_millis().div_ceil(1000) as u64).max(1);
        Self::transport(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests; try again later.")
            .hinting(Hint::RetryAfter(seconds))
    }

    pub(crate) fn overloaded() -> Self {
        Self::transport(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", "The server is busy; try again later.")
            .hinting(Hint::RetryAfter(1))
    }

    pub(crate) fn deadline() -> Self {
        let message = "The operation took too long; parts of a mutation may have been done.";
        Self::transport(StatusCode::GATEWAY_TIMEOUT, "DEADLINE", message)
    }

    pub(crate) fn internal() -> Self {
        Self::transport(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", INTERNAL_MESSAGE)
    }

    pub(crate) fn at(self, at: Pos) -> Self {
        Self { at: Some(at), ..self }
    }

    fn hinting(self, hint: Hint) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// What a header of the answer tells the client to do instead.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hint {
    /// `Allow`: with these methods.
    Allow(&'static str),
    /// `WWW-Authenticate`: with a bearer key.
    Bearer,
    /// `Retry-After`: after so many seconds.
    RetryAfter(u64),
}

impl Hint {
    pub(crate) fn header(self) -> (HeaderName, HeaderValue) {
        match self {
            Self::Allow(methods) => (header::ALLOW, HeaderValue::from_static(methods)),
            Self::Bearer => (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Self::RetryAfter(seconds) => (header::RETRY_AFTER, HeaderValue::from(seconds)),
        }
    }
}

/// All that a client learns of a fault of ours; the request id leads to the log.
pub(crate) const INTERNAL_MESSAGE: &str = "Something went wrong on our side.";
