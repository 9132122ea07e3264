//! The page that a link opens which proves an address. Opening it changes nothing, since mail scanners open links too: its
//! form sends `emailVerify` with the password.

use axum::{
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};

/// Only our own script and style, which may only talk to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /verify?token=..`.
pub async fn page() -> Response {
    asset("text/html; charset=utf-8", include_str!("verify.html"))
}

/// `GET /verify/verify.js`.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("verify.js"))
}

/// `GET /verify/verify.css`.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("verify.css"))
}

/// A file of a page that carries a token: no other origin takes part in it.
pub(super) fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, content_type), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, text).into_response()
}
