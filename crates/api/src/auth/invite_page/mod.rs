//! The page that the link of an invite opens. Opening it changes nothing, since mail scanners open links too: it shows what
//! `invitePreview` tells, and its form sends `inviteAccept`, after `sessionCreate` for whoever has a user.

use axum::response::Response;

use super::verify_page::asset;

/// `GET /invite?token=..`.
pub async fn page() -> Response {
    asset("text/html; charset=utf-8", include_str!("invite.html"))
}

/// `GET /invite/invite.js`.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("invite.js"))
}
