use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisResult, aio::MultiplexedConnection,
};
use tokio::sync::Mutex;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection to Redis that is made when it is needed, and again after it broke. Clones share it.
#[derive(Clone)]
pub(crate) struct RedisLink {
    client: Client,
    conn: Arc<Mutex<Option<MultiplexedConnection>>>,
}

impl RedisLink {
    /// Nothing is connected yet.
    pub(crate) fn new(client: Client) -> Self {
        Self { client, conn: Arc::default() }
    }

    /// Runs the commands of a pipeline; none is repeated.
    pub(crate) async fn query<T: FromRedisValue>(&self, pipe: &Pipeline) -> RedisResult<T> {
        let mut conn = self.connection().await?;
        let answer = pipe.query_async(&mut conn).await;
        if answer.as_ref().is_err_and(|error: &redis::RedisError| error.code() != Some("OOM")) {
            // A new connection is cheap here, and a broken one would never answer again.
            self.conn.lock().await.take();
        }
        answer
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut conn = self.conn.lock().await;
        if let Some(conn) = &*conn {
            return Ok(conn.clone());
        }
        Ok(conn.insert(connect(&self.client, ANSWER_TIMEOUT).await?).clone())
    }

    /// A connection of its own for commands that block up to `wait`: behind them on a shared one, everything would wait,
    /// and the library's response timeout of 500 ms would cut them off.
    pub(crate) async fn blocking(&self, wait: Duration) -> RedisResult<MultiplexedConnection> {
        connect(&self.client, wait + ANSWER_TIMEOUT).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

async fn connect(client: &Client, answer_timeout: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(answer_timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}
