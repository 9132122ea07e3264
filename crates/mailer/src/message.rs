use chrono::{DateTime, Utc};
use lettre::message::{
    Body, MultiPart, SinglePart,
    header::{ContentTransferEncoding as Encoding, ContentType, Header, HeaderName, HeaderValue, MessageId},
};
use std::{error::Error, time::SystemTime};

use crate::{Mailbox, Rendered, SendError};

/// One email, ready to go. All of them are automatic mail and say so (`Auto-Submitted`, RFC 3834), so that
/// out-of-office programs do not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The one recipient.
    pub to: Mailbox,
    /// Who writes; the mailer's own address if none.
    pub from: Option<Mailbox>,
    /// Subject and bodies.
    pub rendered: Rendered,
    /// With angle brackets, the same at every attempt: see [`crate::Mailer::message_id`].
    pub message_id: String,
    /// A web address where the recipient stops this kind of mail.
    pub list_unsubscribe: Option<String>,
}

impl Message {
    /// The message in the form that travels. `encoding` is that of both bodies.
    pub(crate) fn build(
        &self,
        default_from: &Mailbox,
        encoding: Encoding,
        now: DateTime<Utc>,
    ) -> Result<lettre::Message, SendError> {
        let from = self.from.as_ref().unwrap_or(default_from);
        let from = from.checked().map_err(|sentence| refused("sender", sentence))?;
        let to = self.to.checked().map_err(|sentence| refused("recipient", sentence))?;
        let mut builder = lettre::Message::builder()
            .from(from)
            .to(to)
            .subject(single_line("subject", &self.rendered.subject)?)
            .date(SystemTime::from(now))
            .header(MessageId::from(checked_id(&self.message_id)?))
            .header(AutoSubmitted);
        if let Some(address) = &self.list_unsubscribe {
            builder = builder.header(ListUnsubscribe(checked_web_address(address)?));
        }
        let part = |kind: ContentType, body: &str| {
            let body = Body::new_with_encoding(body.to_owned(), encoding)
                .map_err(|_| SendError::permanent("a line of the body is too long for this encoding"))?;
            Ok(SinglePart::builder().header(kind).body(body))
        };
        let text = part(ContentType::TEXT_PLAIN, &self.rendered.text)?;
        let html = part(ContentType::TEXT_HTML, &self.rendered.html)?;
        let both = MultiPart::alternative().boundary(self.boundary()).singlepart(text).singlepart(html);
        builder.multipart(both).map_err(|error| SendError::permanent(error.to_string()))
    }

    /// Made from the Message-ID instead of from chance: every attempt then sends the same bytes.
    fn boundary(&self) -> String {
        let id: String = self.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        format!("=_refero_{id}")
    }
}

fn refused(who: &str, sentence: &str) -> SendError {
    SendError::permanent(format!("{who}: {sentence}"))
}

fn single_line(what: &str, text: &str) -> Result<String, SendError> {
    if text.contains(crate::mailbox::is_unprintable) {
        return Err(refused(what, "control characters and line breaks are refused"));
    }
    Ok(text.to_owned())
}

fn checked_id(id: &str) -> Result<String, SendError> {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
    let is_plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@()".contains(&b));
    match inner.split_once('@') {
        Some((left, right)) if is_plain(left) && is_plain(right) && id.len() <= 250 => Ok(id.to_owned()),
        _ => Err(refused("Message-ID", "it must look like <key@example.com>")),
    }
}

fn checked_web_address(address: &str) -> Result<String, SendError> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    if is_web && address.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b)) {
        return Ok(format!("<{address}>"));
    }
    Err(refused("List-Unsubscribe", "it must be a web address"))
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}
