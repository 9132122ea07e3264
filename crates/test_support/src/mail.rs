//! Where the mail of a test goes.

use mailer::{Mailbox, MailerConfig, Outbox, SmtpConfig, TransportConfig, test_server::SmtpServer};

use crate::TestApp;

/// A list or a server.
pub(crate) enum Mail {
    Memory(Outbox),
    Smtp(SmtpServer),
}

/// An email that came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain body.
    pub text: String,
}

impl Mail {
    pub(crate) async fn start(smtp: bool) -> anyhow::Result<Self> {
        Ok(match smtp {
            true => Self::Smtp(SmtpServer::start().await?),
            false => Self::Memory(Outbox::default()),
        })
    }

    pub(crate) fn config(&self) -> anyhow::Result<MailerConfig> {
        Ok(match self {
            Self::Memory(outbox) => MailerConfig::for_testing(outbox),
            Self::Smtp(server) => MailerConfig {
                transport: TransportConfig::Smtp(SmtpConfig::from_url(&server.url())?),
                from: Mailbox::new("Refero", "no-reply@refero.example"),
            },
        })
    }
}

impl TestApp {
    /// The emails that were sent so far, oldest first.
    pub fn emails(&self) -> Vec<Received> {
        match &self.mail {
            Mail::Memory(outbox) => {
                let sent = outbox.messages().into_iter().map(|sent| sent.message);
                sent.map(|message| Received {
                    to: message.to.address,
                    subject: message.rendered.subject,
                    text: message.rendered.text,
                })
                .collect()
            }
            Mail::Smtp(server) => {
                let received = server.journal().into_iter();
                received
                    .map(|mail| Received {
                        to: mail.recipients.join(","),
                        subject: mail.subject,
                        text: mail.text,
                    })
                    .collect()
            }
        }
    }

    /// The server that the mail goes to; panics unless the app was built with [`crate::Builder::smtp`].
    #[track_caller]
    pub fn smtp(&self) -> &SmtpServer {
        match &self.mail {
            Mail::Smtp(server) => server,
            Mail::Memory(_) => panic!("the app sends into a list: build it with `TestApp::builder().smtp()`"),
        }
    }
}
