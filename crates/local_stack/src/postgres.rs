//! The private PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::StackConfig;
use crate::account::Account;
use crate::child::Server;
use crate::folder::Folder;
use crate::settings::{Settings, replace_private};

/// Long, because after a crash the log is replayed first.
const START_LIMIT: Duration = Duration::from_secs(180);
/// A fast shutdown writes all that is dirty.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// What turns a server into one for tests: no sync, no log but what a crash-free run needs.
const NOT_DURABLE: [&str; 5] =
    ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"];

/// A running cluster.
pub struct Postgres {
    server: Server,
    bin: PathBuf,
    cluster: PathBuf,
    account: Account,
}

impl Postgres {
    /// The URL of the superuser `refero` and the database `refero`.
    pub fn url(settings: &Settings) -> String {
        format!("postgres://refero:{}@127.0.0.1:{}/refero", settings.password, settings.pg_port)
    }

    /// Starts the cluster of `folder`, creating it the first time.
    ///
    /// # Errors
    /// When it cannot be created or does not answer.
    pub fn start(
        folder: &Folder,
        bin: &Path,
        settings: &Settings,
        config: &StackConfig,
    ) -> anyhow::Result<Self> {
        let cluster = folder.cluster();
        if config.fresh && cluster.exists() {
            fs::remove_dir_all(&cluster).with_context(|| format!("remove {}", cluster.display()))?;
        }
        if !cluster.exists() {
            create(folder, bin, settings, config.durable)?;
        }
        let log = folder.path.join("postgres.log");
        let command = command(folder.account, bin, &cluster, settings, config);
        let mut server = Server::spawn("PostgreSQL", command, &log)?;
        let process = server.id();
        server.await_ready(START_LIMIT, &log, || says_ready(&cluster, process))?;
        Ok(Self { server, bin: bin.to_owned(), cluster, account: folder.account })
    }

    /// Fast shutdown.
    ///
    /// # Errors
    /// When it does not end within a minute; it is ended without a checkpoint then and recovers at its next start.
    pub fn stop(mut self) -> anyhow::Result<()> {
        // pg_ctl's own wait is not needed: the process is our child.
        let asked = pg_ctl(self.account, &self.bin, &self.cluster, &["stop", "-m", "fast", "-W"]);
        asked.and_then(|()| self.server.await_end(STOP_LIMIT).map(drop))
    }

    /// Stops a server that a killed process left behind, and forgets one whose process id now belongs to a stranger
    /// (after a reboot): PostgreSQL itself would refuse to start then.
    ///
    /// # Errors
    /// When it cannot be stopped.
    pub fn stop_stale(folder: &Folder, bin: &Path) -> anyhow::Result<()> {
        let cluster = folder.cluster();
        let Some(process) = pid_file(&cluster).first().and_then(|line| line.parse().ok()) else {
            return Ok(());
        };
        match command_line(process) {
            Some(line) if line.contains(&cluster.display().to_string()) => {
                eprintln!("Stopping the PostgreSQL that an earlier process left behind.");
                let stop = ["stop", "-m", "fast", "-w", "-t", "60"];
                let stopped = pg_ctl(folder.account, bin, &cluster, &stop);
                // Its guardian may have been quicker.
                if command_line(process).is_some() { stopped } else { Ok(()) }
            }
            Some(_) => {
                fs::remove_file(cluster.join("postmaster.pid")).context("remove a stale postmaster.pid")
            }
            None => Ok(()),
        }
    }
}

/// Creates the cluster beside its place and moves it there when it is whole, so that half of one is never taken for one.
fn create(folder: &Folder, bin: &Path, settings: &Settings, durable: bool) -> anyhow::Result<()> {
    let new = folder.path.join("postgres.new");
    if new.exists() {
        fs::remove_dir_all(&new).with_context(|| format!("remove {}", new.display()))?;
    }
    folder.subfolder("postgres.new")?;
    let password = folder.path.join("password");
    replace_private(&password, &settings.password)?;
    folder.account.own(&password)?;
    let mut initdb = folder.account.command(bin.join("initdb"));
    initdb.args(["-U", "refero", "-A", "scram-sha-256", "-E", "UTF8", "--lc-collate=C", "--lc-messages=C"]);
    // Bytes decide the order, everywhere alike; what is a letter, and its case, Unicode decides.
    initdb.arg(if cfg!(target_os = "macos") { "--locale=en_US.UTF-8" } else { "--locale=C.UTF-8" });
    initdb.arg(if durable { "--no-instructions" } else { "--no-sync" });
    initdb.arg("--pwfile").arg(&password).arg("-D").arg(&new);
    let made = run(initdb);
    fs::remove_file(&password)?;
    made?;
    create_database(folder.account, bin, &new)?;
    fs::rename(&new, folder.cluster()).context("move the new cluster to its place")
}

/// In single-user mode, which needs no port and no password.
fn create_database(account: Account, bin: &Path, cluster: &Path) -> anyhow::Result<()> {
    let mut single = account.command("sh");
    let script = r#"echo 'CREATE DATABASE refero' | "$1" --single -D "$2" postgres"#;
    single.args(["-c", script, "sh"]).arg(bin.join("postgres")).arg(cluster);
    run(single)
}

fn command(
    account: Account,
    bin: &Path,
    cluster: &Path,
    settings: &Settings,
    config: &StackConfig,
) -> Command {
    let mut command = account.command(bin.join("postgres"));
    command.arg("-D").arg(cluster);
    let mut options = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("port={}", settings.pg_port),
        format!("max_connections={}", config.max_connections),
        // The statements here are short: compiling them costs more than it saves.
        "jit=off".to_owned(),
    ];
    if !config.durable {
        options.extend(NOT_DURABLE.map(str::to_owned));
    }
    for option in options {
        command.args(["-c", &option]);
    }
    command
}

fn pg_ctl(account: Account, bin: &Path, cluster: &Path, args: &[&str]) -> anyhow::Result<()> {
    let mut command = account.command(bin.join("pg_ctl"));
    command.args(args).arg("-D").arg(cluster);
    run(command)
}

fn run(mut command: Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("run {name}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {}", said.trim());
    Ok(())
}

/// The lines of postmaster.pid: process id, folder, start time, port, socket folder, address, memory, status.
fn pid_file(cluster: &Path) -> Vec<String> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
    text.lines().map(|line| line.trim().to_owned()).collect()
}

fn says_ready(cluster: &Path, process: u32) -> bool {
    let lines = pid_file(cluster);
    lines.first() == Some(&process.to_string()) && lines.get(7).is_some_and(|status| status == "ready")
}

/// The command line of a living process.
fn command_line(process: u32) -> Option<String> {
    if Path::new("/proc/self").exists() {
        let bytes = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&bytes).replace('\0', " ")).filter(|line| !line.is_empty());
    }
    let output = Command::new("ps").args(["-o", "command=", "-p", &process.to_string()]).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|line| !line.is_empty())
}
