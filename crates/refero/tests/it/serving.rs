//! The binary as a process of its own.

use std::{
    path::PathBuf,
    process::{Child, Command, Output},
    time::Duration,
};

use test_support::{TestDatabase, redis_url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

pub const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
/// What seals where partners are paid.
const PAYOUT_KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// What signs statements.
const STATEMENT_KEYS: &str = "s1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// `refero` with nothing in its environment but `vars`.
pub fn refero(args: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refero"));
    command.args(args).env_clear().envs(vars.iter().copied());
    command
}

/// The exit code and what was said on standard error.
pub fn ended(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The surroundings of processes: an empty database, ports, a folder for mail, and keys of their own in Redis.
pub struct Surroundings {
    pub database: TestDatabase,
    pub bind: String,
    pub metrics: String,
    pub url: String,
    mail: PathBuf,
    redis: String,
    prefix: String,
}

impl Surroundings {
    pub async fn new() -> Self {
        let database = TestDatabase::blank().await.unwrap();
        let (port, operations) = (free_port().await, free_port().await);
        Self {
            database,
            bind: format!("127.0.0.1:{port}"),
            metrics: format!("127.0.0.1:{operations}"),
            url: format!("http://localhost:{port}"),
            mail: std::env::temp_dir().join(format!("refero-it-{port}")),
            redis: redis_url().unwrap(),
            prefix: format!("it_{port}:"),
        }
    }

    pub fn refero(&self, args: &[&str]) -> Command {
        let mail = self.mail.display().to_string();
        let vars = [
            ("DATABASE_URL", self.database.url.as_str()),
            ("REDIS_URL", &self.redis),
            ("REDIS_PREFIX", &self.prefix),
            ("PUBLIC_URL", &self.url),
            ("BIND_ADDR", &self.bind),
            ("METRICS_ADDR", &self.metrics),
            ("MAIL_DIR", &mail),
            ("REFERO_SECRET_KEY", KEY),
            ("PAYOUT_KEYS", PAYOUT_KEYS),
            ("STATEMENT_KEYS", STATEMENT_KEYS),
            ("PROVIDER_ACCOUNTS", "*"),
            ("SEPA_DEBTOR_NAME", "Coffee Ltd"),
            ("SEPA_DEBTOR_IBAN", "DE89370400440532013000"),
            ("RUST_LOG", "warn"),
        ];
        refero(args, &vars)
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        // Not there when nothing was ever sent.
        let _ = std::fs::remove_dir_all(&self.mail);
    }
}

/// A process that serves and works, and that does not outlive its test.
pub struct Serving {
    process: Child,
    pub around: Surroundings,
    pub url: String,
    pub mail: String,
}

impl Serving {
    /// Migrates and starts.
    pub async fn start() -> Self {
        let around = Surroundings::new().await;
        let (code, said) = ended(&around.refero(&["migrate"]).output().unwrap());
        assert_eq!(code, Some(0), "{said}");
        Self::start_in(around).await
    }

    pub async fn start_in(around: Surroundings) -> Self {
        let process = around.refero(&["serve", "--with-workers"]).spawn().unwrap();
        let (url, mail) = (around.url.clone(), around.mail.display().to_string());
        let serving = Self { process, around, url, mail };
        serving.until_shown("/health/ready", "\"ready\":true").await;
        serving
    }

    /// Asks it to end, and answers with its exit code.
    pub async fn ended(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap().code()
    }

    pub async fn until_shown(&self, path: &str, words: &str) {
        let mut page = String::new();
        for _ in 0..300 {
            if TcpStream::connect(&self.around.metrics).await.is_ok() {
                page = get(&self.around.metrics, path).await;
            }
            if page.contains(words) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("no {words} at {path} within fifteen seconds: {page}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = (self.process.kill(), self.process.wait());
    }
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
