use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde_json::json;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::{client::Connection, ground::Ground};

const START_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(45);

/// Who asks.
#[derive(Clone)]
pub enum Credential {
    Nobody,
    /// The secret of an API key.
    Key(String),
    /// `name=value` of the session cookie.
    Session(String),
}

impl Credential {
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Key(secret) => vec![("authorization", format!("Bearer {secret}"))],
            Self::Session(cookie) => vec![("cookie", cookie.clone()), ("x-refero-csrf", "1".to_owned())],
        }
    }
}

/// What a process of the product does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `refero serve`
    Serve,
    /// `refero serve --with-workers`
    ServeAndWork,
}

/// A running process of the product.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts the binary on a database and waits until it is ready; emails become files.
    pub async fn start(ground: &Ground, database_url: &str, role: Role) -> anyhow::Result<Self> {
        let mail = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mail");
        // Of an earlier run: a folder with a million files is slow.
        if mail.exists() {
            std::fs::remove_dir_all(&mail)?;
        }
        Self::start_with(ground, database_url, role, ("MAIL_DIR", &mail.display().to_string())).await
    }

    /// As [`Server::start`], with a variable that says where emails go.
    pub async fn start_with(
        ground: &Ground,
        database_url: &str,
        role: Role,
        mail: (&str, &str),
    ) -> anyhow::Result<Self> {
        let (address, operations) = (free_address()?, free_address()?);
        let mut command = Command::new(env!("CARGO_BIN_EXE_refero"));
        command.arg("serve").args((role == Role::ServeAndWork).then_some("--with-workers"));
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
            ("INVITES_PER_DAY", "0"),
            ("LIVE_CONNECTIONS", "20000"),
            ("LIVE_CONNECTIONS_PER_VIEWER", "20000"),
            ("RUST_LOG", "warn"),
            mail,
        ]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let mut server = Self { address, child: command.spawn().context("start refero serve")? };
        server.await_ready(operations).await?;
        Ok(server)
    }

    /// Logs a user in, as a browser does.
    pub async fn log_in(&self, email: &str, password: &str) -> anyhow::Result<Credential> {
        let query = "mutation($email: String!, $password: String!) { \
                     sessionCreate(email: $email, password: $password) { userErrors { message } } }";
        let variables = json!({ "email": email, "password": password });
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.post("/graphql", &Credential::Nobody, body).await?;
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        answer.cookie.map(Credential::Session).with_context(|| format!("nobody was logged in: {said}"))
    }

    /// The memory that it occupies, in bytes; 0 where the system does not tell.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most memory that it has occupied so far, in bytes; 0 where the system does not tell.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let id = self.child.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1024
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
