use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, anyhow, bail, ensure};

use crate::{Mailbox, Outbox, SmtpConfig};

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum TransportConfig {
    /// To a mail server.
    Smtp(SmtpConfig),
    /// One readable `.eml` file per message, into this folder.
    Files(PathBuf),
    /// Into a list that a test reads.
    Memory(Outbox),
}

/// What a [`crate::Mailer`] is made from.
#[derive(Debug, Clone)]
pub struct MailerConfig {
    /// How mail leaves.
    pub transport: TransportConfig,
    /// Who writes, unless a message says otherwise.
    pub from: Mailbox,
}

/// The variables as they were found.
#[derive(Default)]
struct Variables {
    smtp_url: Option<String>,
    smtp_ca_file: Option<String>,
    smtp_timeout_secs: Option<u64>,
    mail_from: Option<String>,
    mail_dir: Option<String>,
}

impl MailerConfig {
    /// Reads `SMTP_URL` or `MAIL_DIR`, `MAIL_FROM`, `SMTP_CA_FILE`, `SMTP_TIMEOUT_SECS`.
    ///
    /// # Errors
    /// When they are missing, unreadable or contradict each other; the sentence says what to change and
    /// shows no password.
    pub fn from_env() -> anyhow::Result<Self> {
        Variables::read()?.config(None)
    }

    /// Like [`Self::from_env`], but writes files into `folder` when neither `SMTP_URL` nor `MAIL_DIR` is set:
    /// for `refero up`, which must work before anybody has a mail server.
    ///
    /// # Errors
    /// As for [`Self::from_env`].
    pub fn from_env_or_files(folder: &Path) -> anyhow::Result<Self> {
        Variables::read()?.config(Some(folder))
    }

    /// Keeps everything in `outbox`.
    pub fn for_testing(outbox: &Outbox) -> Self {
        Self { transport: TransportConfig::Memory(outbox.clone()), from: default_from() }
    }
}

impl Variables {
    fn read() -> anyhow::Result<Self> {
        Ok(Self {
            smtp_url: env::var("SMTP_URL")?,
            smtp_ca_file: env::var("SMTP_CA_FILE")?,
            smtp_timeout_secs: env::var_parsed("SMTP_TIMEOUT_SECS")?,
            mail_from: env::var("MAIL_FROM")?,
            mail_dir: env::var("MAIL_DIR")?,
        })
    }

    fn config(self, folder: Option<&Path>) -> anyhow::Result<MailerConfig> {
        let from = self.from()?;
        let transport = match (&self.smtp_url, &self.mail_dir, folder) {
            (Some(_), Some(_), _) => {
                bail!("SMTP_URL and MAIL_DIR are both set: mail goes to a server or to a folder; unset one")
            }
            (Some(url), None, _) => TransportConfig::Smtp(self.smtp(url)?),
            (None, ..) if self.smtp_ca_file.is_some() || self.smtp_timeout_secs.is_some() => {
                bail!(
                    "SMTP_CA_FILE and SMTP_TIMEOUT_SECS mean nothing without SMTP_URL; set it or unset them"
                )
            }
            (None, Some(folder), _) => TransportConfig::Files(PathBuf::from(folder)),
            (None, None, Some(folder)) => TransportConfig::Files(folder.to_path_buf()),
            (None, None, None) => {
                bail!("SMTP_URL must be set to the mail server, or MAIL_DIR to a folder (see .env.sample)")
            }
        };
        let is_smtp = matches!(transport, TransportConfig::Smtp(_));
        let from = match from {
            Some(from) => from,
            None if is_smtp => {
                bail!("MAIL_FROM must be set with SMTP_URL, like \"Refero <no-reply@example.com>\"")
            }
            None => default_from(),
        };
        Ok(MailerConfig { transport, from })
    }

    fn from(&self) -> anyhow::Result<Option<Mailbox>> {
        let parsed = self.mail_from.as_deref().map(str::parse::<Mailbox>).transpose();
        parsed.map_err(|sentence| anyhow!("MAIL_FROM is invalid: {sentence}"))
    }

    fn smtp(&self, url: &str) -> anyhow::Result<SmtpConfig> {
        let mut smtp = SmtpConfig::from_url(url)?;
        if let Some(path) = &self.smtp_ca_file {
            ensure!(smtp.tls != crate::Tls::None, "SMTP_CA_FILE contradicts tls=none in SMTP_URL; unset one");
            smtp.extra_root_pem = Some(std::fs::read(path).context("SMTP_CA_FILE cannot be read")?);
        }
        if let Some(secs) = self.smtp_timeout_secs {
            ensure!((1..=60).contains(&secs), "SMTP_TIMEOUT_SECS must be from 1 to 60");
            smtp.timeout = Duration::from_secs(secs);
        }
        Ok(smtp)
    }
}

fn default_from() -> Mailbox {
    Mailbox::new("Refero", "refero@localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(smtp_url: &str, mail_dir: &str, mail_from: &str) -> Variables {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Variables {
            smtp_url: some(smtp_url),
            mail_dir: some(mail_dir),
            mail_from: some(mail_from),
            ..Variables::default()
        }
    }

    #[test]
    fn a_server_needs_a_sender_and_a_folder_does_not() {
        let config = variables("smtp://mail.example", "", "Ada <ada@example.com>").config(None).unwrap();
        assert!(matches!(config.transport, TransportConfig::Smtp(SmtpConfig { port: 587, .. })));
        assert_eq!(config.from, Mailbox::new("Ada", "ada@example.com"));
        let config = variables("", "/tmp/mail", "").config(None).unwrap();
        assert!(
            matches!(config.transport, TransportConfig::Files(folder) if folder == Path::new("/tmp/mail"))
        );
        let config = variables("", "", "").config(Some(Path::new("data/mail"))).unwrap();
        assert!(
            matches!(config.transport, TransportConfig::Files(folder) if folder == Path::new("data/mail"))
        );
        let config =
            variables("smtp://a.example", "", "a@b.example").config(Some(Path::new("mail"))).unwrap();
        assert!(matches!(config.transport, TransportConfig::Smtp(_)));
    }

    #[test]
    fn contradictions_are_refused() {
        let lone = Variables { smtp_timeout_secs: Some(5), ..variables("", "/tmp/mail", "") };
        let long =
            Variables { smtp_timeout_secs: Some(600), ..variables("smtp://a.example", "", "a@b.example") };
        let plain = variables("smtp://a.example?tls=none", "", "a@b.example");
        let plain = Variables { smtp_ca_file: Some("/ca.pem".to_owned()), ..plain };
        for (variables, sentence) in [
            (variables("smtp://a.example", "/tmp/mail", "a@b.example"), "both set"),
            (variables("", "", ""), "SMTP_URL must be set"),
            (variables("smtp://a.example", "", ""), "MAIL_FROM must be set"),
            (
                variables("smtp://a.example", "", "nobody"),
                "MAIL_FROM is invalid: this is not an email address",
            ),
            (lone, "mean nothing without SMTP_URL"),
            (long, "from 1 to 60"),
            (plain, "contradicts tls=none"),
        ] {
            let error = format!("{:#}", variables.config(None).unwrap_err());
            assert!(error.contains(sentence), "{error}");
        }
    }
}
