use lettre::transport::smtp;
use std::error::Error as _;

/// Longer answers of servers are cut: they are shown to people, and stored with the message.
const MAX_TEXT_CHARS: usize = 500;

/// Why a message was not accepted. The texts are for operators: a server may repeat the recipient's
/// address in them, so they are stored with the message and never logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again later: a 4xx answer, no connection, no answer in time, or credentials that were refused.
    /// The message may have been accepted if the connection broke after its last byte; the same
    /// Message-ID tells the recipient's server that the next attempt is the same message.
    #[error("not sent for now: {text}")]
    Transient {
        /// The SMTP reply code, if the server answered.
        code: Option<u16>,
        /// What the server or the network said.
        text: String,
    },
    /// Never try again: a 5xx answer to this message, or a message that cannot be sent as it is.
    #[error("refused: {text}")]
    Permanent {
        /// The SMTP reply code, if the server answered.
        code: Option<u16>,
        /// What the server said, or what is wrong with the message.
        text: String,
    },
}

impl SendError {
    pub(crate) fn transient(text: impl Into<String>) -> Self {
        Self::Transient { code: None, text: text.into() }
    }

    pub(crate) fn permanent(text: impl Into<String>) -> Self {
        Self::Permanent { code: None, text: text.into() }
    }

    /// Whatever goes wrong before the message is named is not the message's fault: refused credentials
    /// (535) must not mark every recipient as bounced.
    pub(crate) fn before_the_message(error: &smtp::Error) -> Self {
        Self::Transient { code: error.status().map(u16::from), text: text_of(error) }
    }

    /// Judges an error in the conversation about one message.
    pub(crate) fn about_the_message(error: &smtp::Error) -> Self {
        let code = error.status().map(u16::from);
        let text = text_of(error);
        match code {
            // RFC 4954: authentication required, refused, too weak or unencrypted.
            Some(530 | 534 | 535 | 538) => Self::Transient { code, text },
            Some(500..) => Self::Permanent { code, text },
            // The client refuses to send an address that the server could not represent.
            None if error.is_client() => Self::Permanent { code, text },
            _ => Self::Transient { code, text },
        }
    }
}

fn text_of(error: &smtp::Error) -> String {
    let said = match (error.status(), error.source()) {
        (Some(_), Some(source)) => source.to_string(),
        _ => error.to_string(),
    };
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT_CHARS).collect()
}

/// Why a template gave no message: always a defect of a template or of its caller, never of the network.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A missing variable, a link that is no web address, an unknown template.
    #[error("template {name}: {source}")]
    Template {
        /// The template's folder.
        name: &'static str,
        /// What minijinja says; it names the file and the line.
        source: minijinja::Error,
    },
    /// A subject of no line or of several; several would let a value write headers.
    #[error("template {name}: the subject must be one line, not empty")]
    Subject {
        /// The template's folder.
        name: &'static str,
    },
}
