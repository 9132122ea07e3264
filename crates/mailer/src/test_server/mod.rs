//! An SMTP server in this process: real sockets, no encryption, and every fault that a mailer must survive.

mod received;
mod session;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

pub use received::ReceivedMail;

/// The moments of a session at which a server can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Before the first line of the server.
    Greeting,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// After the last byte of the message.
    Body,
}

/// What the server does; it may change between two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes every message.
    Accept,
    /// Answers with this code instead of yes.
    Answer(Step, u16),
    /// Says nothing any more, and keeps the connection.
    Hang(Step),
    /// Says yes, but late.
    Late(Step, Duration),
    /// Takes the whole message and closes the connection without a word.
    CloseAfterData,
}

pub(crate) struct Shared {
    behaviour: Mutex<Behaviour>,
    journal: Mutex<Vec<ReceivedMail>>,
    accepted: watch::Sender<usize>,
    connections: AtomicUsize,
}

impl Shared {
    fn behaviour(&self) -> Behaviour {
        *lock(&self.behaviour)
    }

    fn record(&self, mail: ReceivedMail) {
        let mut journal = lock(&self.journal);
        journal.push(mail);
        self.accepted.send_replace(journal.len());
    }
}

/// A running server; it stops when it is dropped.
pub struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens at an address, for instance where another one stopped.
    ///
    /// # Errors
    /// When it is taken.
    pub async fn start_at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Behaviour::Accept),
            journal: Mutex::default(),
            accepted: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
        });
        let task = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Stops, with all sessions cut off; when it returns, connections are refused.
    pub async fn stop(mut self) {
        self.task.abort();
        // The one outcome of an aborted task is that it was aborted.
        drop((&mut self.task).await);
    }

    /// The value of `SMTP_URL` that leads here.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens from the next step of any session on.
    pub fn behave(&self, behaviour: Behaviour) {
        *lock(&self.shared.behaviour) = behaviour;
    }

    /// Every message whose last byte arrived and that was not refused, in order; also those that the sender
    /// never got an answer for.
    pub fn journal(&self) -> Vec<ReceivedMail> {
        lock(&self.shared.journal).clone()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until the journal has at least `count` messages, and returns it; returns what there is when
    /// `limit` has passed.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<ReceivedMail> {
        let mut accepted = self.shared.accepted.subscribe();
        let arrived = timeout(limit, accepted.wait_for(|received| *received >= count)).await;
        // Late or not, the journal is the answer.
        drop(arrived);
        self.journal()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Sessions end with the listener: a set aborts its tasks when it is dropped.
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        sessions.spawn(session::serve(stream, Arc::clone(&shared)));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
