//! A server process that does not outlive its parent.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Waits for the parent's word, or for its death, which closes the pipe; then interrupts the server, upon which
/// PostgreSQL and Redis both shut down cleanly. A shell, because only that is on every machine.
const GUARDIAN: &str = r#"trap '' HUP INT TERM; read -r word; [ "$word" = done ] || kill -INT "$1""#;

/// A log longer than this begins anew at the next start.
const MAX_LOG_BYTES: u64 = 16 << 20;

/// A server and its guardian.
pub struct Server {
    name: &'static str,
    process: Child,
    guardian: Child,
}

impl Server {
    /// Starts `command` with its output in `log`, in a process group of its own: a Ctrl-C in the terminal is for
    /// the parent, who still needs the server to finish.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(name: &'static str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let file = open_log(log).with_context(|| format!("open {}", log.display()))?;
        command.process_group(0).stdout(file.try_clone()?).stderr(file);
        let mut process = command.spawn().with_context(|| format!("start {name}"))?;
        match guard(process.id()) {
            Ok(guardian) => Ok(Self { name, process, guardian }),
            Err(error) => {
                process.kill()?;
                process.wait()?;
                Err(error).with_context(|| format!("guard {name}"))
            }
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The server's standard input, if it was piped.
    pub fn take_stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.process.stdin.take()
    }

    /// Waits until `is_ready`.
    ///
    /// # Errors
    /// When the server ends before, or `limit` passes; with the end of its log.
    pub fn await_ready(
        &mut self,
        limit: Duration,
        log: &Path,
        mut is_ready: impl FnMut() -> bool,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !is_ready() {
            let ended = self.process.try_wait()?;
            if ended.is_some() || begun.elapsed() > limit {
                let what = if ended.is_some() { "ended at once" } else { "does not answer" };
                bail!("{} {what}; the end of {}:\n{}", self.name, log.display(), tail(log));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Waits for the server to end after it was asked to.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub fn await_end(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            if begun.elapsed() > limit {
                bail!("{} did not stop within {} s", self.name, limit.as_secs());
            }
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    /// Ends what was not stopped, and dismisses the guardian. Nobody is left to hear of an error here.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            drop(self.guardian.stdin.take());
            if self.await_end(Duration::from_secs(20)).is_err() {
                let _ = self.process.kill();
                let _ = self.process.wait();
            }
        }
        if let Some(mut stdin) = self.guardian.stdin.take() {
            let _ = stdin.write_all(b"done\n");
        }
        let _ = self.guardian.wait();
    }
}

fn guard(process: u32) -> std::io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARDIAN, "guardian", &process.to_string()])
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn open_log(log: &Path) -> std::io::Result<File> {
    let is_long = log.metadata().is_ok_and(|metadata| metadata.len() > MAX_LOG_BYTES);
    if is_long { File::create(log) } else { File::options().append(true).create(true).open(log) }
}

fn tail(log: &Path) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
