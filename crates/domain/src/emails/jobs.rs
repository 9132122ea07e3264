use std::time::Duration;

use ids::EmailMessageId;
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

/// Sends one email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendEmail {
    /// The intent.
    pub email_id: EmailMessageId,
}

impl Job for SendEmail {
    const KIND: &'static str = "emails.send";
    const QUEUE: Queue = Queue::Emails;
    /// Seven runs in the first hour and a quarter, then one an hour: about a day of trying.
    const RETRY: Retry = Retry { max_attempts: 30, cap: Duration::from_secs(3600) };
    /// The longest that four messages may take one after the other: each a minute at most until it is handed over
    /// (`SMTP_TIMEOUT_SECS`), two more for the server's answer, and some for the database. A slice must end by itself,
    /// since what is stopped is sent again.
    const MAX_RUN: Duration = Duration::from_secs(4 * 180 + 60);
    /// What a slice tells of is loaded at once, and its outcomes are recorded a few at a time: of four, an email took three
    /// times the statements.
    const SLICE: usize = 16;
    /// Two slices, of which each has four emails under way: together as many as the mailer has connections.
    const CONCURRENCY: usize = 2;
}
