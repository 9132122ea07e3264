use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

/// Ports that no system gives to anybody by itself: one of those may be taken between two starts.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A Redis server that a test may stop, start and empty.
pub struct OwnRedis {
    port: u16,
    child: Option<Child>,
}

impl OwnRedis {
    pub async fn start() -> Self {
        let width = u32::from(PORTS.end - PORTS.start);
        // Other tests are other processes, and begin elsewhere.
        let begin = std::process::id().wrapping_mul(37);
        for _ in 0..100 {
            let next = begin.wrapping_add(u32::from(NEXT.fetch_add(1, Ordering::Relaxed)));
            let port = PORTS.start + u16::try_from(next % width).unwrap();
            let mut redis = Self { port, child: None };
            if redis.try_resume().await {
                return redis;
            }
        }
        panic!("no port is free")
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it empty.
    pub async fn resume(&mut self) {
        assert!(self.try_resume().await, "Redis ended at its start: port {} is taken", self.port);
    }

    /// Answers whether it lives: if it cannot have its port, it ends at once.
    async fn try_resume(&mut self) -> bool {
        let port = self.port.to_string();
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let child = self.child.insert(child);
        let id = child.id();
        while child.try_wait().unwrap().is_none() {
            // Somebody else's would answer at a port that is taken.
            if process_id(self.port).await.is_ok_and(|answer| answer == id) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.child = None;
        false
    }

    /// Kills it, with all that is in it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub async fn command(&self, words: &[&str]) -> redis::RedisResult<()> {
        let client = redis::Client::open(self.url())?;
        let mut conn = client.get_multiplexed_async_connection().await?;
        let (name, arguments) = words.split_first().unwrap();
        redis::cmd(name).arg(arguments).exec_async(&mut conn).await
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The process that answers at this port.
async fn process_id(port: u16) -> redis::RedisResult<u32> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}"))?;
    let mut conn = client.get_multiplexed_async_connection().await?;
    let info: redis::InfoDict = redis::cmd("INFO").arg("server").query_async(&mut conn).await?;
    Ok(info.get("process_id").unwrap_or_default())
}
