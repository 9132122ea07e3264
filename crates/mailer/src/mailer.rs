use std::{fmt, sync::Arc};

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::{
    Mailbox, MailerConfig, Message, RenderError, Rendered, SendError, Template, TransportConfig,
    render::Templates,
    transport::{Transport, files::Files, memory::Memory, smtp::Smtp},
};

/// What the other side said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The server's answer, or the path of the file.
    pub response: String,
}

/// Renders templates and sends messages. Clones share templates and connections.
#[derive(Clone)]
pub struct Mailer {
    templates: Arc<Templates>,
    transport: Arc<Transport>,
    from: Mailbox,
    domain: String,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    /// A mailer. No connection is made yet: a mail server that is away must not stop the start.
    ///
    /// # Errors
    /// When the sender's address, the certificate authority or the folder cannot be used.
    pub fn from_config(config: MailerConfig) -> anyhow::Result<Self> {
        let transport = match config.transport {
            TransportConfig::Smtp(smtp) => Transport::Smtp(Box::new(Smtp::new(smtp)?)),
            TransportConfig::Files(folder) => Transport::Files(Files::create(folder)?),
            TransportConfig::Memory(outbox) => Transport::Memory(Memory::new(outbox)),
        };
        let domain = config.from.domain().map_err(anyhow::Error::msg).context("the sender's address")?;
        let templates = Templates::load().context("the embedded templates")?;
        Ok(Self { templates: Arc::new(templates), transport: Arc::new(transport), from: config.from, domain })
    }

    /// Renders an email.
    ///
    /// # Errors
    /// When a variable is missing, a link is no web address or the subject is not one line.
    pub fn render<T: Template>(&self, email: &T) -> Result<Rendered, RenderError> {
        self.templates.render(email)
    }

    /// The Message-ID that belongs to a dedupe key: the same for the same key, different for different ones.
    pub fn message_id(&self, dedupe_key: &str) -> String {
        let quoted: String = dedupe_key.bytes().map(quoted_in_id).collect();
        format!("<{quoted}@{}>", self.domain)
    }

    /// Looks whether mail could leave, and sends none: greets the mail server as for a message (EHLO, TLS, log-in as
    /// configured). Answers with what was found, for people.
    ///
    /// # Errors
    /// What a message would fail with before its first word.
    pub async fn greet(&self) -> Result<String, SendError> {
        match &*self.transport {
            Transport::Smtp(smtp) => smtp.greet().await,
            Transport::Files(_) => Ok("messages become files".to_owned()),
            Transport::Memory(_) => Ok("messages stay in memory".to_owned()),
        }
    }

    /// Sends one message, dated `now`. Over SMTP it waits for a free connection, then takes at
    /// most the configured limits: 30 s up to the last byte, 120 s more for the server's answer to it.
    ///
    /// # Errors
    /// [`SendError::Transient`] is worth another attempt with the same Message-ID, [`SendError::Permanent`] is not.
    pub async fn send(&self, message: &Message, now: DateTime<Utc>) -> Result<Sent, SendError> {
        let built = message.build(&self.from, self.transport.encoding(), now)?;
        match &*self.transport {
            Transport::Smtp(smtp) => smtp.send(built.envelope(), &built.formatted()).await,
            Transport::Files(files) => files.write(message, &built.formatted(), now).await,
            Transport::Memory(memory) => Ok(memory.keep(message, &self.from, now)),
        }
    }
}

fn quoted_in_id(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("={byte:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outbox;

    #[test]
    fn message_ids_follow_from_keys_one_to_one() {
        let mailer = Mailer::from_config(MailerConfig::for_testing(&Outbox::default())).unwrap();
        assert_eq!(mailer.message_id("reward_created:rwd_01"), "<reward_created=3arwd_01@localhost>");
        assert_ne!(mailer.message_id("a:b"), mailer.message_id("a=3ab"));
        assert_eq!(mailer.message_id("a>\r\nBcc: é"), "<a=3e=0d=0aBcc=3a=20=c3=a9@localhost>");
    }
}
