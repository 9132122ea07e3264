//! A Redis of the test's own, to be killed.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use redis::{AsyncCommands, aio::MultiplexedConnection};
use tokio::time::sleep;

pub struct RedisServer {
    pub url: String,
    port: u16,
    child: Child,
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = (self.child.kill(), self.child.wait());
    }
}

fn spawn(port: u16) -> Child {
    let port = port.to_string();
    let args = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    Command::new("redis-server").args(args).stdout(Stdio::null()).spawn().unwrap()
}

impl RedisServer {
    pub async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { url: format!("redis://127.0.0.1:{port}"), port, child: spawn(port) };
        server.until_it_answers().await;
        server
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn restart(&mut self) {
        self.child = spawn(self.port);
        self.until_it_answers().await;
    }

    pub async fn flush(&self) {
        let _: () = redis::cmd("FLUSHALL").query_async(&mut self.connect().await.unwrap()).await.unwrap();
    }

    pub async fn configure(&self, key: &str, value: &str) {
        let mut conn = self.connect().await.unwrap();
        redis::cmd("CONFIG").arg("SET").arg(key).arg(value).exec_async(&mut conn).await.unwrap();
    }

    pub async fn keys(&self) -> Vec<String> {
        self.connect().await.unwrap().keys("*").await.unwrap()
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        redis::Client::open(self.url.as_str())?.get_multiplexed_async_connection().await
    }

    async fn until_it_answers(&self) {
        for _ in 0..200 {
            if self.connect().await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("Redis does not answer within 10 s");
    }
}
