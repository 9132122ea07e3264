use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A mail server that takes everything and keeps the last message: as little work as a server can have.
pub struct Sink {
    pub address: SocketAddr,
    kept: Arc<Kept>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    taken: AtomicUsize,
    last: Mutex<Option<Vec<u8>>>,
}

impl Sink {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, kept) = (listener.local_addr()?, Arc::new(Kept::default()));
        let kept_too = Arc::clone(&kept);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept_too);
                // A client that hangs up is no affair of ours.
                tokio::spawn(async move { drop(session(stream, &kept).await) });
            }
        });
        Ok(Self { address, kept, task })
    }

    /// The value of `SMTP_URL` that leads here.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// How many messages it has.
    pub fn taken(&self) -> usize {
        self.kept.taken.load(Ordering::SeqCst)
    }

    /// The last message.
    pub fn last(&self) -> Option<Vec<u8>> {
        self.kept.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn session(stream: TcpStream, kept: &Kept) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    say(&mut stream, "220 sink").await?;
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        let verb = line.get(..4).map(<[u8]>::to_ascii_uppercase);
        let answer = match verb.as_deref() {
            Some(b"EHLO") => "250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8",
            Some(b"DATA") => {
                say(&mut stream, "354 go on").await?;
                let message = message(&mut stream).await?;
                *kept.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
                kept.taken.fetch_add(1, Ordering::SeqCst);
                "250 taken"
            }
            Some(b"QUIT") => return say(&mut stream, "221 bye").await,
            _ => "250 yes",
        };
        say(&mut stream, answer).await?;
        line.clear();
    }
    Ok(())
}

async fn message(stream: &mut BufStream<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let begun = message.len();
        if stream.read_until(b'\n', &mut message).await? == 0 || &message[begun..] == b".\r\n" {
            message.truncate(begun);
            return Ok(message);
        }
    }
}

async fn say(stream: &mut BufStream<TcpStream>, answer: &str) -> std::io::Result<()> {
    stream.write_all(answer.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}
