//! The peers, and whatever else serves in a process of its own. Those of Node lie where `cargo xtask bench` has installed
//! them; without them the rest is measured.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

const START_LIMIT: Duration = Duration::from_secs(60);

/// A script for Node.
pub struct Script {
    folder: PathBuf,
    name: &'static str,
}

impl Script {
    /// `None` where the peers are not installed.
    pub fn find(name: &'static str) -> anyhow::Result<Option<Self>> {
        let folder = env::var("BENCH_PEERS")?.map(PathBuf::from);
        Ok(folder.filter(|folder| folder.join(name).exists()).map(|folder| Self { folder, name }))
    }

    fn command(&self, vars: &[(&str, &str)]) -> Command {
        let mut command = Command::new("node");
        command.arg(self.name).current_dir(&self.folder).envs(vars.iter().copied());
        command.env("NODE_ENV", "production").stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs it to its end, and answers the figure that it prints.
    pub async fn figure(&self, argument: usize, vars: &[(&str, &str)]) -> anyhow::Result<f64> {
        let output = self.command(vars).arg(argument.to_string()).output().await.context("run node")?;
        let complaints = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {}", self.name, complaints.trim());
        let said = String::from_utf8(output.stdout)?;
        said.trim().parse().with_context(|| format!("{} says {said}", self.name))
    }

    /// Starts it as a server.
    pub async fn serve(&self, vars: &[(&str, &str)]) -> anyhow::Result<Serving> {
        Serving::start(self.command(vars)).await.with_context(|| self.name)
    }
}

/// A server that says `ready PORT` when it is. It ends when it is dropped.
pub struct Serving {
    pub address: SocketAddr,
    /// Killed when it is dropped.
    _child: Child,
}

impl Serving {
    pub async fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("start a server")?;
        let mut lines = BufReader::new(child.stdout.take().context("it has an output")?).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(port) = line.strip_prefix("ready ") {
                    return Ok(port.trim().parse::<u16>()?);
                }
            }
            anyhow::bail!("a server ended at its start")
        };
        let port = timeout(START_LIMIT, ready).await.context("a server does not start")??;
        // What it says later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), _child: child })
    }
}
