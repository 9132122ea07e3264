use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::refusal::Refusal;

/// How much more than the limit is read and thrown away, as a multiple of it. A client that is still sending when the
/// connection closes may never see the answer; one that sends on and on is cut off.
const DRAIN: usize = 16;

/// Reads a whole body of at most `limit` bytes within `deadline`.
///
/// # Errors
/// 413 for a larger body, 408 for a slower one, 400 for one that breaks off.
pub(crate) async fn read(body: Body, limit: usize, deadline: Duration) -> Result<Vec<u8>, Refusal> {
    timeout(deadline, read_all(body, limit)).await.unwrap_or_else(|_| {
        Err(Refusal::transport(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The body came too slowly."))
    })
}

async fn read_all(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(|_| Refusal::bad_request("The body broke off."))?;
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        } else if seen > limit.saturating_mul(DRAIN) {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if seen <= limit {
        return Ok(bytes);
    }
    let message = format!("The body is larger than {limit} bytes.");
    Err(Refusal::transport(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message))
}
