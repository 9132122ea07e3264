//! The page that a browser gets at `/graphql` when GraphiQL was not bundled: a plain query console, without anything
//! from elsewhere.

use axum::{
    http::{HeaderName, header},
    response::IntoResponse,
    response::Response,
};

/// Only our own script and style, which may only talk to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn page() -> Response {
    asset("text/html; charset=utf-8", include_str!("console.html"))
}

pub(crate) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("console.js"))
}

pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("console.css"))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept"),
    ];
    (headers, text).into_response()
}
