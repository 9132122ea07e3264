//! The API and some workers, each a process of the real binary.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use test_support::TestApp;
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The processes of one installation. They end with the test.
pub struct Fleet {
    pub address: SocketAddr,
    pub mail_dir: PathBuf,
    vars: Vec<(&'static str, String)>,
    api: Running,
    workers: Vec<Running>,
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = (self.0.kill(), self.0.wait());
    }
}

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

impl Fleet {
    pub async fn start(app: &TestApp, redis_url: &str, workers: usize) -> Self {
        Self::start_with(app, redis_url, workers, Vec::new()).await
    }

    /// With more settings.
    pub async fn start_with(
        app: &TestApp,
        redis_url: &str,
        workers: usize,
        more: Vec<(&'static str, String)>,
    ) -> Self {
        let address = free_address().await;
        let name = app.database.url.rsplit('/').next().unwrap().to_owned();
        let mail_dir = std::env::temp_dir().join(format!("refero-{name}"));
        let mut vars = vec![
            ("DATABASE_URL", app.database.url.clone()),
            ("DATABASE_POOL_SIZE", "20".to_owned()),
            ("REDIS_URL", redis_url.to_owned()),
            ("REDIS_PREFIX", format!("{name}:")),
            ("PUBLIC_URL", format!("http://localhost:{}", address.port())),
            ("BIND_ADDR", address.to_string()),
            ("MAIL_DIR", mail_dir.display().to_string()),
            ("REFERO_SECRET_KEY", KEY.to_owned()),
            ("RUST_LOG", "error".to_owned()),
        ];
        vars.extend(more);
        let api = spawn(&["serve"], &vars);
        let workers = (0..workers).map(|_| spawn(&["work"], &vars)).collect();
        let fleet = Self { address, mail_dir, vars, api, workers };
        fleet.until_it_answers().await;
        fleet
    }

    /// As the system would: no word is said, nothing is finished.
    pub fn kill_worker(&mut self, which: usize) {
        self.workers[which] = spawn(&["work"], &self.vars);
    }

    pub async fn kill_api(&mut self) {
        self.api.0.kill().unwrap();
        self.start_api().await;
    }

    /// Asks the API to end.
    pub fn end_api(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.api.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
    }

    /// Starts it again once it has ended.
    pub async fn start_api(&mut self) {
        self.api.0.wait().unwrap();
        self.api = spawn(&["serve"], &self.vars);
        self.until_it_answers().await;
    }

    pub fn stop(self) {
        let mail_dir = self.mail_dir.clone();
        drop(self);
        // No mail, no folder.
        let _ = std::fs::remove_dir_all(mail_dir);
    }

    async fn until_it_answers(&self) {
        for _ in 0..600 {
            if TcpStream::connect(self.address).await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the API does not answer within 30 s");
    }
}

fn spawn(args: &[&str], vars: &[(&'static str, String)]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refero"));
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    command.args(args).env_clear().envs(vars.iter().map(|(key, value)| (key, value)));
    command.env("METRICS_ADDR", metrics.to_string()).stdout(Stdio::null());
    Running(command.spawn().unwrap())
}
