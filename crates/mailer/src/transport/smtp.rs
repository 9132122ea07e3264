use std::{
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
    },
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{deliver::deliver, dial::dial};
use crate::{SendError, Sent, SmtpConfig, Tls};

/// Providers refuse more at a time from one sender; further messages wait for a free one.
const MAX_CONNECTIONS: usize = 8;

/// Nobody waits long for a polite good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// Servers close idle connections after some minutes; younger ones are tried with NOOP before they are used.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Connections to one mail server, reused from message to message.
///
/// Not lettre's own pool: when a send is dropped in mid conversation (a time-out, an aborted job), that pool
/// (0.11.23) takes the connection back, and the next message reads the answers of the one before: a message
/// that the server refused with 550 came back as sent, with "354 go on". Here a connection returns only after
/// a whole conversation, and closes when it is dropped. That pool also hides whether a 5xx was about log-in or
/// about the message.
pub(crate) struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    hello: ClientId,
    slots: Semaphore,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    pub(crate) fn new(config: SmtpConfig) -> anyhow::Result<Self> {
        let tls = if config.tls == Tls::None { None } else { Some(tls_parameters(&config)?) };
        let hello = config.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        Ok(Self { config, tls, hello, slots: Semaphore::new(MAX_CONNECTIONS), idle: Mutex::default() })
    }

    pub(crate) async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Result<Sent, SendError> {
        // The wait for a free connection says nothing about the server, so no limit runs yet: a send that gets its
        // connection late would be cut in mid conversation, and the message would go out twice.
        let _slot = self.slots.acquire().await.map_err(|_| SendError::transient("the mailer is closing"))?;
        let handed_over = AtomicBool::new(false);
        let mut conversation = pin!(self.converse(envelope, bytes, &handed_over));
        let limit = self.config.timeout;
        if let Ok(end) = timeout(limit, &mut conversation).await {
            return end;
        }
        if !handed_over.load(Ordering::Relaxed) {
            return Err(late(limit));
        }
        // The server has the message, and may take it without us: the more patience, the fewer doubles.
        let patience = self.config.answer_timeout;
        timeout(patience, conversation).await.unwrap_or_else(|_| Err(late(limit + patience)))
    }

    /// Connects as for a message and says good-bye; answers with what was agreed, for people.
    pub(crate) async fn greet(&self) -> Result<String, SendError> {
        let limit = self.config.timeout;
        let mut connection = timeout(limit, self.connect()).await.map_err(|_| late(limit))??;
        // It has answered; whether it says good-bye too is no matter.
        drop(timeout(GOOD_BYE, connection.quit()).await);
        let SmtpConfig { host, port, tls, credentials, .. } = &self.config;
        let tls = match tls {
            Tls::Required => "STARTTLS",
            Tls::Implicit => "TLS",
            Tls::None => "in clear",
        };
        let user = credentials
            .as_ref()
            .map_or("nobody logged in".to_owned(), |(user, _)| format!("logged in as {user}"));
        Ok(format!("{host}:{port} answers, {tls}, {user}"))
    }

    async fn converse(
        &self,
        envelope: &Envelope,
        bytes: &[u8],
        handed_over: &AtomicBool,
    ) -> Result<Sent, SendError> {
        let mut connection = match self.idle_connection().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = deliver(&mut connection, envelope, bytes, handed_over).await?;
        self.park(connection);
        let words: Vec<_> = response.message().collect();
        Ok(Sent { response: format!("{} {}", response.code(), words.join(" ")) })
    }

    async fn idle_connection(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let parked = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let (mut connection, since) = parked?;
            if since.elapsed() < MAX_IDLE && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < MAX_IDLE);
        idle.push((connection, Instant::now()));
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let server = (self.config.host.as_str(), self.config.port);
        // Half of the limit for each address of the server.
        let limit = self.config.timeout / 2;
        let before = |error: Error| SendError::before_the_message(&error);
        let wrapper = self.tls.clone().filter(|_| self.config.tls == Tls::Implicit);
        let connecting = match wrapper {
            // A connection that begins with TLS only lettre itself can make.
            Some(_) => {
                AsyncSmtpConnection::connect_tokio1(server, Some(limit), &self.hello, wrapper, None).await
            }
            None => {
                let stream = Box::new(dial(server, limit).await?);
                AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await
            }
        };
        let mut connection = connecting.map_err(before)?;
        if let (Tls::Required, Some(tls)) = (self.config.tls, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await.map_err(before)?;
        }
        if let Some((user, password)) = &self.config.credentials {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(before)?;
        }
        Ok(connection)
    }
}

fn late(limit: Duration) -> SendError {
    SendError::transient(format!("the mail server did not finish within {} s", limit.as_secs_f32()))
}

fn tls_parameters(config: &SmtpConfig) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.extra_root_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).context("SMTP_CA_FILE is no PEM")?);
    }
    builder.build().context("TLS for the host of SMTP_URL")
}
