use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};
use serde_json::Value;

use super::fault::Fault;

/// Marks an answer that is never sent: the connection is closed instead.
#[derive(Clone, Copy)]
pub(super) struct Cut;

pub(super) type Said = Response<Body>;

pub(super) fn json(status: u16, body: &Value) -> Said {
    raw(status, body.to_string())
}

fn raw(status: u16, body: String) -> Said {
    let mut said = Response::new(Body::from(body));
    *said.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    said.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    said
}

/// The answer to a call that a fault spoils; `None` if none does.
pub(super) async fn spoilt(fault: Option<Fault>, short_of_money: &Value) -> Option<Said> {
    Some(match fault? {
        Fault::HangAfterAccepting => std::future::pending().await,
        Fault::DropAfterAccepting | Fault::DropBeforeAccepting => {
            let mut said = raw(200, String::new());
            said.extensions_mut().insert(Cut);
            said
        }
        Fault::ErrorAfterAccepting | Fault::ErrorBeforeAccepting => raw(500, "{}".to_owned()),
        Fault::GarbledAfterAccepting => raw(201, "<html>".to_owned()),
        Fault::TooManyCalls => {
            let mut said = raw(429, r#"{"name":"RATE_LIMIT_REACHED"}"#.to_owned());
            said.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("7"));
            said
        }
        Fault::NotAllowed => {
            raw(403, r#"{"name":"NOT_AUTHORIZED","message":"Insufficient permissions."}"#.to_owned())
        }
        Fault::InsufficientFunds | Fault::RefusedAfterAccepting => json(422, short_of_money),
    })
}
