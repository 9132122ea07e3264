//! A worker process that may be killed: this test binary, run again.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::station::Station;

const NAME: &str = "JOBS_IT_CHILD_DATABASE";
const SERVER: &str = "JOBS_IT_CHILD_SERVER";
const REDIS: &str = "JOBS_IT_CHILD_REDIS";

/// Does nothing unless a test started this process as its worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker() {
    let Ok(name) = std::env::var(NAME) else { return };
    let (server, redis) = (std::env::var(SERVER).unwrap(), std::env::var(REDIS).unwrap());
    let station = Station::at(server, name, redis).await;
    // Only a process of its own may be aborted: on a busy machine the watchdog would end innocent tests.
    let mut config = station.config();
    config.watchdog_grace = Duration::from_millis(500);
    let _workers = station.start(config).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
}

/// A worker process; killed when dropped.
pub struct WorkerProcess(Child);

impl WorkerProcess {
    pub fn start(station: &Station) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::worker", "--nocapture"])
            .env(NAME, &station.name)
            .env(SERVER, station.server())
            .env(REDIS, &station.redis_url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// kill -9
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self, within: Duration) {
        let began = Instant::now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < within, "the process lives after {within:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
