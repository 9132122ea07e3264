use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use axum::body::Bytes;
use tokio::task::JoinSet;

use crate::{
    client::Connection,
    contest::Turn,
    figures::{per_second, percentiles},
    server::Credential,
};

/// A request that is sent again and again.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    pub path: &'static str,
    pub credential: Credential,
    pub body: Bytes,
    /// What a right answer holds.
    pub says: String,
}

impl Target {
    /// A GraphQL query without variables.
    pub fn query(address: SocketAddr, credential: Credential, query: &str, says: &str) -> Self {
        let body = serde_json::json!({ "query": query }).to_string().into();
        Self { address, path: "/graphql", credential, body, says: says.to_owned() }
    }

    async fn send(&self, connection: &mut Connection) -> anyhow::Result<Vec<u8>> {
        Ok(connection.post(self.path, &self.credential, self.body.clone()).await?.body)
    }

    /// Has clients send it as fast as it is answered, on connections that they keep. The first answer of each, which is
    /// looked at and not measured, must be the right one, and all others as long.
    pub async fn press(&self, clients: usize, length: Duration) -> anyhow::Result<Turn> {
        let mut connections = Vec::with_capacity(clients);
        for _ in 0..clients {
            connections.push(Connection::open(self.address).await?);
        }
        let (target, begun) = (Arc::new(self.clone()), Instant::now());
        let mut tasks = JoinSet::new();
        for connection in connections {
            tasks.spawn(client(Arc::clone(&target), connection, begun + length));
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies.extend(done??);
        }
        let times = percentiles(&latencies);
        Ok(Turn { per_second: per_second(latencies.len(), begun.elapsed()), p50: times.p50, p99: times.p99 })
    }
}

async fn client(
    target: Arc<Target>,
    mut connection: Connection,
    until: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let first = String::from_utf8(target.send(&mut connection).await?)?;
    let is_right = first.contains(&target.says) && !first.contains("\"errors\"");
    ensure!(is_right, "an unexpected answer: {}", first.chars().take(500).collect::<String>());
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let sent = Instant::now();
        let answer = target.send(&mut connection).await?;
        latencies.push(sent.elapsed());
        // Ids of requests and points left differ by some digits; an error is shorter by far.
        ensure!(
            answer.len() * 10 > first.len() * 9,
            "an answer differs: {}",
            String::from_utf8_lossy(&answer)
        );
    }
    latencies.first().context("no answer in time")?;
    Ok(latencies)
}
