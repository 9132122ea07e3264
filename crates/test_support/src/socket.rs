//! A client of `graphql-transport-ws` that does what a test says, mistakes included.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use test_database::or_panic;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::actor::{Actor, Credential};

/// Nothing that a test waits for takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open socket.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A message of the protocol.
    Message(Value),
    /// The server closed with this code; 1006 when it just went away.
    Closed(u16),
}

impl Actor {
    /// Opens a socket and says who this is.
    pub async fn socket(&self) -> Socket {
        let mut socket = or_panic(self.try_open(&[], None).await);
        socket.send(&json!({ "type": "connection_init", "payload": self.introduction() })).await;
        assert_eq!(socket.hear().await, Heard::Message(json!({ "type": "connection_ack" })));
        socket
    }

    /// Opens a socket with these headers and says nothing. With `receive_buffer` bytes to receive into, a client that does
    /// not read is noticed soon.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn try_open(
        &self,
        headers: &[(&'static str, &str)],
        receive_buffer: Option<u32>,
    ) -> anyhow::Result<Socket> {
        let mut all = vec![("sec-websocket-protocol", "graphql-transport-ws")];
        if let Credential::Session(cookie) = &self.credential {
            all.extend([("cookie", cookie.as_str()), ("x-refero-csrf", "1")]);
        }
        all.retain(|(name, _)| headers.iter().all(|(known, _)| known != name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        Socket::open(self.address, &all, receive_buffer).await
    }

    /// The payload of `connection_init` that says who this is, besides the cookie.
    pub fn introduction(&self) -> Value {
        let mut payload = json!({});
        if let Credential::ApiKey(secret) = &self.credential {
            payload["authorization"] = json!(format!("Bearer {secret}"));
        }
        if let Some(account) = &self.account {
            payload["x-account-id"] = json!(account);
        }
        payload
    }
}

impl Socket {
    async fn open(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
        receive_buffer: Option<u32>,
    ) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(address).await?;
        let mut request = format!("ws://{address}/graphql/ws").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse()?);
        }
        let (stream, _) = client_async(request, stream).await.context("the upgrade was refused")?;
        Ok(Self { stream })
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends a text as it is.
    pub async fn send_text(&mut self, text: &str) {
        or_panic(self.stream.send(Message::text(text)).await);
    }

    /// Sends bytes as they are.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        or_panic(self.stream.send(Message::binary(bytes.to_vec())).await);
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message of the protocol, or the end.
    pub async fn hear(&mut self) -> Heard {
        or_panic(self.try_hear().await)
    }

    /// As [`Socket::hear`].
    ///
    /// # Errors
    /// When nothing comes.
    pub async fn try_hear(&mut self) -> anyhow::Result<Heard> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.context("nothing came")? {
                Some(Ok(Message::Text(text))) => return Ok(Heard::Message(serde_json::from_str(&text)?)),
                Some(Ok(Message::Close(frame))) => {
                    return Ok(Heard::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Frame(_))) => bail!("the protocol has texts only"),
                Some(Err(_)) | None => return Ok(Heard::Closed(1006)),
            }
        }
    }

    /// The payload of the next message, which must be `next` of this operation.
    pub async fn next(&mut self, id: &str) -> Value {
        match self.hear().await {
            Heard::Message(mut message) if message["type"] == "next" && message["id"] == id => {
                message["payload"].take()
            }
            other => or_panic(Err(anyhow::anyhow!("not the next of {id}: {other:?}"))),
        }
    }

    /// The code that the server closes with; messages before it are passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }
}
