//! The page of a password that was forgotten. Without a token its form sends `passwordResetRequest`; the link of the email
//! opens it with one, and it sends `passwordReset`. Opening it changes nothing, since mail scanners open links too.

use axum::response::Response;

use super::verify_page::asset;

/// `GET /reset`, `GET /reset?token=..`.
pub async fn page() -> Response {
    asset("text/html; charset=utf-8", include_str!("reset.html"))
}

/// `GET /reset/reset.js`.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("reset.js"))
}
