use std::{fmt, time::Duration};

use anyhow::{Context, anyhow, bail, ensure};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// STARTTLS, and no message without it: `smtp://`, the default.
    Required,
    /// TLS from the first byte: `smtps://`.
    Implicit,
    /// In clear: `smtp://..?tls=none`, for servers on the same machine or network.
    None,
}

/// A text that never appears in a log: its Debug is a row of dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that must not be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// Where and how to reach a mail server; read from `SMTP_URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// A name, or an address without brackets. Certificates are checked against it.
    pub host: String,
    /// 587, 465 or 25 unless the URL says otherwise.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// User name and password.
    pub credentials: Option<(String, Secret)>,
    /// What this machine calls itself; its host name if the URL has no path.
    pub hello_name: Option<String>,
    /// A certificate authority (PEM) that is trusted besides the public ones.
    pub extra_root_pem: Option<Vec<u8>>,
    /// The limit for one message, from a free connection to its last byte. The wait for a free one does not count.
    pub timeout: Duration,
    /// How much longer the server may take to answer when it has the whole message.
    pub answer_timeout: Duration,
}

/// Far more than a healthy server needs, and a worker must not wait for a hanging one.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Servers scan and store a message before they answer; one that is cut off then may send it all the same (RFC 5321,
/// 4.5.3.2.6, asks for ten minutes: more than a worker can spare).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

impl SmtpConfig {
    /// Reads `smtp[s]://[user:password@]host[:port][/hello-name][?tls=required|none]`. lettre's own reader is
    /// not used: there, a plain `smtp://` means no encryption at all.
    ///
    /// # Errors
    /// A sentence that never repeats the URL, because of the password in it.
    pub fn from_url(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text.trim()).map_err(|error| anyhow!("SMTP_URL is not a URL: {error}"))?;
        let host = host_of(&url)?;
        let tls = tls_of(&url)?;
        let credentials = credentials_of(&url)?;
        ensure!(
            tls != Tls::None || credentials.is_none() || is_this_machine(&host),
            "SMTP_URL says tls=none and has a password: it would cross the network in clear; drop one of them"
        );
        let default_port = match tls {
            Tls::Required => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        };
        let path = url.path().trim_matches('/');
        ensure!(!path.contains('/'), "SMTP_URL may have one path segment only: the name for EHLO");
        Ok(Self {
            host,
            port: url.port().unwrap_or(default_port),
            tls,
            credentials,
            hello_name: (!path.is_empty()).then(|| path.to_owned()),
            extra_root_pem: None,
            timeout: DEFAULT_TIMEOUT,
            answer_timeout: ANSWER_TIMEOUT,
        })
    }
}

/// `smtp` is no scheme that the URL standard knows, so its hosts are not normalised by the parser.
fn host_of(url: &Url) -> anyhow::Result<String> {
    let host = url.host_str().filter(|host| !host.is_empty()).context("SMTP_URL has no host")?;
    let host = Host::parse(host).map_err(|error| anyhow!("the host of SMTP_URL is invalid: {error}"))?;
    Ok(match host {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

fn tls_of(url: &Url) -> anyhow::Result<Tls> {
    let mut asked = None;
    for (key, value) in url.query_pairs() {
        ensure!(key == "tls", "SMTP_URL takes no parameter but tls=required or tls=none");
        ensure!(asked.is_none(), "SMTP_URL says tls= twice");
        asked = Some(value.into_owned());
    }
    match (url.scheme(), asked.as_deref()) {
        ("smtp", None | Some("required")) => Ok(Tls::Required),
        ("smtp", Some("none")) => Ok(Tls::None),
        ("smtps", None | Some("required")) => Ok(Tls::Implicit),
        ("smtps", Some("none")) => bail!("SMTP_URL says smtps and tls=none, which contradict each other"),
        ("smtp" | "smtps", Some(_)) => bail!("tls in SMTP_URL must be required or none"),
        _ => bail!("SMTP_URL must begin with smtp:// or smtps://"),
    }
}

fn credentials_of(url: &Url) -> anyhow::Result<Option<(String, Secret)>> {
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).context("SMTP_URL is not UTF-8")
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => bail!("SMTP_URL has a password but no user name"),
        (_, None) => bail!("SMTP_URL has a user name but no password"),
        (user, Some(password)) => Ok(Some((decoded(user)?, Secret(decoded(password)?)))),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_where_and_how() {
        for (url, host, port, tls) in [
            ("smtp://mail.example", "mail.example", 587, Tls::Required),
            ("smtp://mail.example:2525?tls=required", "mail.example", 2525, Tls::Required),
            ("smtps://mail.example", "mail.example", 465, Tls::Implicit),
            ("smtp://mailpit:1025?tls=none", "mailpit", 1025, Tls::None),
            ("smtp://127.0.0.1?tls=none", "127.0.0.1", 25, Tls::None),
            ("smtp://u:p@localhost:1025?tls=none", "localhost", 1025, Tls::None),
            ("smtp://[::1]:1025?tls=none", "::1", 1025, Tls::None),
            ("smtp://m%C3%BCller.example", "xn--mller-kva.example", 587, Tls::Required),
        ] {
            let config = SmtpConfig::from_url(url).unwrap();
            assert_eq!((config.host.as_str(), config.port, config.tls), (host, port, tls), "{url}");
        }
    }

    #[test]
    fn passwords_are_decoded_and_never_shown() {
        let config = SmtpConfig::from_url("smtp://me%40a.example:p%3Ass%2B+@mail.example/app1").unwrap();
        assert_eq!(config.hello_name.as_deref(), Some("app1"));
        assert!(!format!("{config:?}").contains("ss"), "{config:?}");
        assert_eq!(config.credentials, Some(("me@a.example".to_owned(), Secret::new("p:ss++"))));
    }

    #[test]
    fn contradictions_are_refused_without_repeating_the_password() {
        for (url, sentence) in [
            ("mail.example", "SMTP_URL is not a URL"),
            ("http://mail.example", "must begin with smtp://"),
            ("smtp:///x", "has no host"),
            ("smtps://mail.example?tls=none", "contradict"),
            ("smtp://mail.example?tls=opportunistic", "must be required or none"),
            ("smtp://mail.example?tls=none&tls=required", "twice"),
            ("smtp://mail.example?starttls=1", "takes no parameter but tls"),
            ("smtp://me:hunter2@mail.example?tls=none", "cross the network in clear"),
            ("smtp://me@mail.example", "no password"),
            ("smtp://:hunter2@mail.example", "no user name"),
            ("smtp://me:hunter2@mail.example:99999", "SMTP_URL is not a URL"),
        ] {
            let error = format!("{:#}", SmtpConfig::from_url(url).unwrap_err());
            assert!(error.contains(sentence), "{url}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
