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
    /// Four rounds of eight at once, each of a minute at most (`SMTP_TIMEOUT_SECS`), and some for the database: a slice
    /// must end by itself, since one that is stopped runs again one by one, with what it had sent.
    const MAX_RUN: Duration = Duration::from_secs(300);
    const SLICE: usize = 32;
}
