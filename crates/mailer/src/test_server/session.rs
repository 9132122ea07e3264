use std::{future::pending, io, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::sleep,
};

use super::{Behaviour, Shared, Step, received::ReceivedMail};

/// What the server does after a step.
enum Verdict {
    Yes,
    No,
}

struct Session {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    sender: String,
    recipients: Vec<String>,
}

/// Speaks with one client until it leaves; a broken connection just ends the session.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut session =
        Session { stream: BufReader::new(stream), shared, sender: String::new(), recipients: Vec::new() };
    drop(session.converse().await);
}

impl Session {
    async fn converse(&mut self) -> io::Result<()> {
        if let Verdict::No = self.judge(Step::Greeting).await? {
            return Ok(());
        }
        self.say("220 test server").await?;
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.say("250-test server\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN").await?,
                "AUTH" => self.step(Step::Auth, "235 welcome").await?,
                "MAIL" => {
                    (self.sender, self.recipients) = (path_of(&line), Vec::new());
                    self.step(Step::Sender, "250 sender ok").await?;
                }
                "RCPT" => {
                    self.recipients.push(path_of(&line));
                    self.step(Step::Recipient, "250 recipient ok").await?;
                }
                "DATA" => {
                    self.say("354 go on").await?;
                    let body = self.body().await?;
                    if self.shared.behaviour() == Behaviour::CloseAfterData {
                        self.record(&body);
                        return Ok(());
                    }
                    if let Verdict::Yes = self.judge(Step::Body).await? {
                        self.record(&body);
                        self.say("250 2.0.0 queued").await?;
                    }
                }
                "NOOP" | "RSET" => self.say("250 ok").await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("502 unknown command").await?,
            }
        }
        Ok(())
    }

    async fn step(&mut self, step: Step, yes: &str) -> io::Result<()> {
        match self.judge(step).await? {
            Verdict::Yes => self.say(yes).await,
            Verdict::No => Ok(()),
        }
    }

    /// Applies the present behaviour to a step; a refusal is said here.
    async fn judge(&mut self, step: Step) -> io::Result<Verdict> {
        match self.shared.behaviour() {
            Behaviour::Hang(at) if at == step => pending().await,
            Behaviour::Late(at, delay) if at == step => sleep(delay).await,
            Behaviour::Answer(at, code) if at == step => {
                self.say(&format!("{code} refused by the test")).await?;
                return Ok(Verdict::No);
            }
            _ => {}
        }
        Ok(Verdict::Yes)
    }

    fn record(&self, body: &[u8]) {
        self.shared.record(ReceivedMail::parse(self.sender.clone(), self.recipients.clone(), body));
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await
    }

    /// A line without its end; none when the client has gone.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim_ascii_end().to_vec()))
    }

    /// The message up to the lone dot, with doubled dots undone.
    async fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.as_slice() {
                b".\r\n" => return Ok(body),
                [b'.', rest @ ..] => body.extend_from_slice(rest),
                whole => body.extend_from_slice(whole),
            }
        }
    }
}

fn path_of(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(String::new(), |(path, _)| path.to_owned())
}
