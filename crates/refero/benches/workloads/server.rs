use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::{client::Connection, ground::Ground};

const START_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(45);

/// A running `refero serve`.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts the binary on a database and waits until it is ready.
    pub async fn start(ground: &Ground, database_url: &str, with_workers: bool) -> anyhow::Result<Self> {
        let (address, operations) = (free_address()?, free_address()?);
        let mut command = Command::new(env!("CARGO_BIN_EXE_refero"));
        command.arg("serve").args(with_workers.then_some("--with-workers"));
        // Nothing of the caller's surroundings changes what is measured.
        command.env_clear().envs([
            ("DATABASE_URL", database_url),
            ("REDIS_URL", &ground.redis_url),
            ("PUBLIC_URL", "http://localhost"),
            ("BIND_ADDR", &address.to_string()),
            ("METRICS_ADDR", &operations.to_string()),
            ("REFERO_SECRET_KEY", "c29tZSBzZWNyZXQgb2Ygbm9ib2R5LCB0aGlydHktdHdv"),
            ("RATE_LIMIT_CAPACITY", "1000000000"),
            ("RATE_LIMIT_PER_SECOND", "1000000000"),
            ("MAIL_FROM", "Refero <no-reply@refero.example>"),
            ("RUST_LOG", "warn"),
        ]);
        command.env("MAIL_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("mail"));
        command.stdin(Stdio::null()).kill_on_drop(true);
        let mut server = Self { address, child: command.spawn().context("start refero serve")? };
        server.await_ready(operations).await?;
        Ok(server)
    }

    async fn await_ready(&mut self, operations: SocketAddr) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                bail!("refero serve ended at its start: {status}");
            }
            if let Ok(mut connection) = Connection::open(operations).await
                && connection.get_ok("/health/ready").await
            {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        bail!("refero serve is not ready after {} s", START_LIMIT.as_secs())
    }

    /// Asks it to end, as a supervisor does, and waits.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("refero serve has ended by itself")?;
        let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        ensure!(asked.success(), "refero serve cannot be asked to end");
        timeout(END_LIMIT, self.child.wait()).await.context("refero serve does not end")??;
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
