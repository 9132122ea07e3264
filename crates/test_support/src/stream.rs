//! A client of GraphQL over server-sent events.

use std::time::Duration;

use anyhow::Context;
use axum::{
    body::{Body, BodyDataStream, to_bytes},
    http::{Request, StatusCode, header},
};
use futures_util::StreamExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use test_database::or_panic;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    actor::{Actor, Credential},
    http::{LARGEST, Response},
};

/// Nothing that a test waits for takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream of events that is being read.
pub struct EventStream {
    body: BodyDataStream,
    read: String,
}

/// One event of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerSent {
    /// `id`; empty when there is none.
    pub id: String,
    /// `event`; empty for a heartbeat.
    pub event: String,
    /// `data` as JSON; null when it is empty.
    pub data: Value,
}

impl Actor {
    /// Sends an operation by POST to `/graphql/stream`. Answers with the stream, or with the answer that came instead.
    ///
    /// # Errors
    /// Never by itself: the refusal of the server is the error.
    pub async fn stream(
        &self,
        query: &str,
        variables: Value,
        headers: &[(&str, &str)],
    ) -> Result<EventStream, Response> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql/stream").header(header::CONTENT_TYPE, "application/json");
        or_panic(self.send_stream(request, headers, Body::from(body)).await)
    }

    /// As [`Actor::stream`], by GET with this query string.
    ///
    /// # Errors
    /// As there.
    pub async fn stream_by_get(&self, query_string: &str) -> Result<EventStream, Response> {
        let request = Request::get(format!("/graphql/stream?{query_string}"));
        or_panic(self.send_stream(request, &[], Body::empty()).await)
    }

    async fn send_stream(
        &self,
        mut request: axum::http::request::Builder,
        headers: &[(&str, &str)],
        body: Body,
    ) -> anyhow::Result<Result<EventStream, Response>> {
        request = request
            .header(header::HOST, self.address.to_string())
            .header(header::ACCEPT, "text/event-stream");
        match &self.credential {
            Credential::Nobody => {}
            Credential::Session(cookie) => {
                request = request.header(header::COOKIE, cookie).header(api::http::CSRF_HEADER, "1");
            }
            Credential::ApiKey(secret) => {
                request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
            }
        }
        if let Some(account) = &self.account {
            request = request.header("x-account-id", account);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let stream = TcpStream::connect(self.address).await.context("connect to the API")?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (parts, body) = sender.send_request(request.body(body)?).await?.into_parts();
        let is_stream = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|of| of.as_bytes().starts_with(b"text/event-stream"));
        if parts.status == StatusCode::OK && is_stream {
            return Ok(Ok(EventStream { body: Body::new(body).into_data_stream(), read: String::new() }));
        }
        let body = to_bytes(Body::new(body), LARGEST).await?.to_vec();
        Ok(Err(Response { status: parts.status, headers: parts.headers, body }))
    }
}

impl EventStream {
    /// The next event; `None` at the end. Heartbeats are passed over.
    pub async fn next(&mut self) -> Option<ServerSent> {
        loop {
            let event = self.next_or_heartbeat().await?;
            if !event.event.is_empty() {
                return Some(event);
            }
        }
    }

    /// The next event or heartbeat; `None` at the end.
    pub async fn next_or_heartbeat(&mut self) -> Option<ServerSent> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let parsed = or_panic(parsed(event));
                self.read = rest.to_owned();
                return Some(parsed);
            }
            let chunk = or_panic(timeout(PATIENCE, self.body.next()).await.context("nothing came"))?;
            let Ok(chunk) = chunk else { return None };
            self.read += &or_panic(String::from_utf8(chunk.to_vec()));
        }
    }
}

fn parsed(text: &str) -> anyhow::Result<ServerSent> {
    let mut event = ServerSent { id: String::new(), event: String::new(), data: Value::Null };
    for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
        match (name, value.trim_start()) {
            ("id", id) => event.id = id.to_owned(),
            ("event", kind) => event.event = kind.to_owned(),
            ("data", "") | ("", _) => {}
            ("data", data) => event.data = serde_json::from_str(data)?,
            (other, _) => anyhow::bail!("no field of an event: {other}"),
        }
    }
    Ok(event)
}
