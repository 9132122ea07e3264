use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use mailer::{
    Mailbox, Mailer, MailerConfig, Message, Outbox, SmtpConfig, Template, TransportConfig,
    templates::UserVerify,
};

/// Short enough to test servers that hang, long enough for a busy machine.
pub const LIMIT: Duration = Duration::from_millis(700);

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 30, 0).unwrap()
}

pub fn renderer() -> Mailer {
    Mailer::from_config(MailerConfig::for_testing(&Outbox::default())).unwrap()
}

pub fn smtp(url: &str) -> Mailer {
    over(TransportConfig::Smtp(SmtpConfig::from_url(url).unwrap()))
}

pub fn impatient(url: &str) -> Mailer {
    limited(url, LIMIT, Duration::ZERO)
}

/// A mailer with these limits up to the last byte of a message, and from there to the answer.
pub fn limited(url: &str, timeout: Duration, answer_timeout: Duration) -> Mailer {
    let config = SmtpConfig { timeout, answer_timeout, ..SmtpConfig::from_url(url).unwrap() };
    over(TransportConfig::Smtp(config))
}

pub fn over(transport: TransportConfig) -> Mailer {
    let from = Mailbox::new("Refero", "no-reply@refero.example");
    Mailer::from_config(MailerConfig { transport, from }).unwrap()
}

pub fn verify() -> UserVerify {
    UserVerify {
        verify_url:
            "https://refero.example/verify?token=uvt_s3cret-and-long-enough-to-need-a-soft-line-break"
                .to_owned(),
        valid_for: "24 hours".to_owned(),
    }
}

pub fn message_of<T: Template>(mailer: &Mailer, email: &T, key: &str) -> Message {
    Message {
        to: Mailbox::new("Ada Lovelace", "ada@example.com"),
        from: None,
        rendered: mailer.render(email).unwrap(),
        message_id: mailer.message_id(key),
        list_unsubscribe: None,
    }
}

pub fn message(mailer: &Mailer, key: &str) -> Message {
    message_of(mailer, &verify(), key)
}
