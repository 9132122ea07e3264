//! One HTTP request over a socket, and its answer.

use std::net::SocketAddr;

use anyhow::Context;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// No answer of the API is larger.
pub(crate) const LARGEST: usize = 16 * 1024 * 1024;

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends `request` on a connection of its own.
///
/// # Errors
/// When the connection breaks or speaks no HTTP.
pub async fn send(address: SocketAddr, request: Request<Body>) -> anyhow::Result<Response> {
    let stream = TcpStream::connect(address).await.context("connect to the API")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let (parts, body) = response.into_parts();
    let body = to_bytes(Body::new(body), LARGEST).await?.to_vec();
    drop(sender);
    driver.await??;
    Ok(Response { status: parts.status, headers: parts.headers, body })
}
