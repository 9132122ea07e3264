//! The private Redis.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::child::Server;
use crate::folder::Folder;
use crate::settings::Settings;
use crate::{StackConfig, ports};

const LIMIT: Duration = Duration::from_secs(30);

/// A running server.
pub struct Redis {
    server: Server,
    settings: Settings,
    durable: bool,
}

impl Redis {
    /// The URL, with its password; the user is named because redis-cli does not take one without.
    pub fn url(settings: &Settings) -> String {
        format!("redis://default:{}@127.0.0.1:{}", settings.password, settings.redis_port)
    }

    /// Starts the server of `folder`.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn start(
        folder: &Folder,
        program: &Path,
        settings: &Settings,
        config: &StackConfig,
    ) -> anyhow::Result<Self> {
        let data = folder.subfolder("redis")?;
        let log = folder.path.join("redis.log");
        let mut command = folder.account.command(program);
        // The configuration comes by standard input: a command line would show the password.
        command.arg("-").stdin(Stdio::piped());
        let mut server = Server::spawn("Redis", command, &log)?;
        let mut stdin = server.take_stdin().context("Redis has no standard input")?;
        stdin.write_all(configuration(&data, settings, config.durable).as_bytes())?;
        drop(stdin);
        server.await_ready(LIMIT, &log, || say(settings, "PING").is_ok_and(|answer| answer == "+PONG"))?;
        Ok(Self { server, settings: settings.clone(), durable: config.durable })
    }

    /// Stops it, keeping its data if it is durable.
    ///
    /// # Errors
    /// When it does not end within half a minute; it is killed then.
    pub fn stop(mut self) -> anyhow::Result<()> {
        // It hangs up instead of answering.
        let command = if self.durable { "SHUTDOWN SAVE" } else { "SHUTDOWN NOSAVE" };
        let _ = say(&self.settings, command);
        self.server.await_end(LIMIT).map(drop)
    }

    /// Stops a server that a killed process left behind. It is ours if it takes our password.
    ///
    /// # Errors
    /// When it does not go.
    pub fn stop_stale(before: &Settings) -> anyhow::Result<()> {
        if !say(before, "PING").is_ok_and(|answer| answer == "+PONG") {
            return Ok(());
        }
        eprintln!("Stopping the Redis that an earlier process left behind.");
        let _ = say(before, "SHUTDOWN");
        let begun = Instant::now();
        while ports::answers(before.redis_port) {
            ensure!(begun.elapsed() < LIMIT, "the Redis on port {} does not stop", before.redis_port);
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Nothing is evicted: a full memory must refuse, not forget. The lane may be lost, so no append-only file.
fn configuration(data: &Path, settings: &Settings, durable: bool) -> String {
    let save = if durable { "300 1" } else { "\"\"" };
    format!(
        "bind 127.0.0.1\nport {}\nrequirepass {}\ndir \"{}\"\nsave {save}\n\
         appendonly no\nmaxmemory-policy noeviction\ndaemonize no\n",
        settings.redis_port,
        settings.password,
        data.display(),
    )
}

/// One inline command after the password; the first line of its answer.
fn say(settings: &Settings, command: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, settings.redis_port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "AUTH {}\r\n{command}\r\n", settings.password)?;
    let mut lines = BufReader::new(stream).lines();
    let welcome = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    if welcome != "+OK" {
        return Err(std::io::Error::other(welcome));
    }
    lines.next().unwrap_or_else(|| Ok(String::new()))
}
