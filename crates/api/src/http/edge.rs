use std::{net::IpAddr, sync::Arc};

use async_graphql::parser::types::OperationType;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::Instrument;

use super::{app::App, client_addr::client_addr, serve::Peer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request came from and what it is called; in the extensions of every request.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) request_id: String,
    pub(crate) client: IpAddr,
}

impl Came {
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

impl Default for Came {
    fn default() -> Self {
        Self { request_id: String::new(), client: IpAddr::from([0, 0, 0, 0]) }
    }
}

/// What kind of operation an answer belongs to; in the extensions of the response, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OperationKind {
    Query,
    Mutation,
    Subscription,
    None,
}

impl From<OperationType> for OperationKind {
    fn from(operation: OperationType) -> Self {
        match operation {
            OperationType::Query => Self::Query,
            OperationType::Mutation => Self::Mutation,
            OperationType::Subscription => Self::Subscription,
        }
    }
}

/// Around every request: its id, its span, its figures, and the headers that every answer carries.
pub(crate) async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let request_id = sane_request_id(request.headers()).unwrap_or_else(|| (app.new_request_id)());
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    let client = client_addr(peer, request.headers(), &app.config.trusted_proxies);
    let (method, path) = (request.method().as_str(), request.uri().path());
    let span = tracing::info_span!("request", request_id, method, path);
    request.extensions_mut().insert(Came { request_id: request_id.clone(), client });

    let started = Instant::now();
    let in_flight = app.metrics.request_started();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(in_flight);
    let kind = response.extensions().get().copied().unwrap_or(OperationKind::None);
    app.metrics.request_answered(response.status(), kind, started.elapsed());
    let (status, elapsed_ms) = (response.status().as_u16(), started.elapsed().as_millis() as u64);
    tracing::debug!(parent: &span, status, elapsed_ms, "answered");

    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    secure(response.headers_mut(), app.config.public_url.origin().starts_with("https:"));
    response
}

/// A client's own id, if it is one that may stand in a log and a header as it is.
fn sane_request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_sane = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((8..=64).contains(&id.len()) && id.bytes().all(is_sane)).then(|| id.to_owned())
}

/// Fills in what the answer has not said itself: nothing is cached, framed, sniffed or run.
fn secure(headers: &mut HeaderMap, is_https: bool) {
    let all = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let https = is_https.then_some((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    for (name, value) in all.into_iter().chain(https) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_may_stand_in_a_log_are_kept() {
        let judge =
            |id: &str| sane_request_id(&HeaderMap::from_iter([(REQUEST_ID, id.parse().unwrap())])).is_some();
        for good in ["req_01h455vb4pex5vsknk084sn02q", "5f0c1c9e-4d1e-4f6f-9a53-3f6b9c1d2e3f", "a.b-c_d1"] {
            assert!(judge(good), "{good}");
        }
        for bad in ["", "short", "has space in it", "<script>alert</script>", "é-not-ascii", &"x".repeat(65)]
        {
            assert!(!judge(bad), "{bad}");
        }
    }
}
