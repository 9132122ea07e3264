use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::refusal::Refusal;

/// How much more than the limit is read and thrown away, as a multiple of it. A client that is still sending when the
/// connection closes may never see the answer; one that sends on and on is cut off.
const DRAIN: usize = 16;

/// A body larger than this, in bytes, needs a place among the large ones: thousands of connections may each send a
/// small body at once, but not each a large one.
const SMALL: usize = 16 * 1024;

/// A whole body, and its place among the large ones, given back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    place: Option<OwnedSemaphorePermit>,
}

/// Reads a whole body of at most `limit` bytes within `deadline`.
///
/// # Errors
/// 413 for a larger body, 408 for a slower one, 400 for one that breaks off, 503 when too many are large.
pub(crate) async fn read(
    body: Body,
    limit: usize,
    deadline: Duration,
    large: &Arc<Semaphore>,
) -> Result<Received, Refusal> {
    timeout(deadline, read_all(body, limit, large)).await.unwrap_or_else(|_| {
        Err(Refusal::transport(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The body came too slowly."))
    })
}

async fn read_all(body: Body, limit: usize, large: &Arc<Semaphore>) -> Result<Received, Refusal> {
    let mut stream = body.into_data_stream();
    let mut received = Received::default();
    let mut seen = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(|_| Refusal::bad_request("The body broke off."))?;
        seen = seen.saturating_add(chunk.len());
        if seen > limit.saturating_mul(DRAIN) {
            break;
        }
        if seen > limit {
            received = Received::default();
            continue;
        }
        if seen > SMALL && received.place.is_none() {
            received.place = Some(large.clone().try_acquire_owned().map_err(|_| Refusal::overloaded())?);
        }
        received.bytes.extend_from_slice(&chunk);
    }
    if seen <= limit {
        return Ok(received);
    }
    let message = format!("The body is larger than {limit} bytes.");
    Err(Refusal::transport(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message))
}
