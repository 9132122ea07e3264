use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc::UnboundedSender, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

const FOLLOW: &str = "subscription { events(topics: [TRANSACTION_RECORDED]) { cursor node { subjectId } } }";

/// Where arrivals are told: the id of the sale, and when its event was read.
type Told = UnboundedSender<(String, Instant)>;

/// A client that follows the feed; it hangs up when it is dropped.
pub struct Subscriber {
    told: Arc<Mutex<Option<Told>>>,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// Opens a socket by `graphql-transport-ws` and follows what is recorded from now on.
    pub async fn open(address: SocketAddr, api_key: String) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{address}/graphql/ws").into_client_request()?;
        request.headers_mut().append("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let (mut socket, _) = client_async(request, stream).await.context("the upgrade was refused")?;
        let payload = json!({ "authorization": format!("Bearer {api_key}") });
        say(&mut socket, json!({ "type": "connection_init", "payload": payload })).await?;
        let answer = socket.next().await.context("the socket was closed")??;
        ensure!(answer.to_text()?.contains("connection_ack"), "{answer}");
        say(&mut socket, json!({ "type": "subscribe", "id": "1", "payload": { "query": FOLLOW } })).await?;
        let told = Arc::new(Mutex::new(None));
        let task = tokio::spawn(follow(socket, Arc::clone(&told)));
        Ok(Self { told, task })
    }

    /// Where arrivals are told from now on.
    pub fn tell(&self, told: Told) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, message: Value) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

/// Reads on until the server hangs up, which the round notices by what is missing.
async fn follow(mut socket: WebSocketStream<TcpStream>, told: Arc<Mutex<Option<Told>>>) {
    while let Some(Ok(message)) = socket.next().await {
        let now = Instant::now();
        let Ok(text) = message.to_text() else { continue };
        if text.contains("\"ping\"") {
            drop(say(&mut socket, json!({ "type": "pong" })).await);
            continue;
        }
        let Some(id) = sale_of(text) else { continue };
        if let Some(told) = &*told.lock().unwrap_or_else(PoisonError::into_inner) {
            // Nobody listens between two rounds.
            drop(told.send((id, now)));
        }
    }
}

fn sale_of(text: &str) -> Option<String> {
    let message: Value = serde_json::from_str(text).ok()?;
    let node = &message["payload"]["data"]["events"]["node"];
    node["subjectId"].as_str().map(str::to_owned)
}
