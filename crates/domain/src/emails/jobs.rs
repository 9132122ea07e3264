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
    /// A slice stops beginning to send after a minute, and a send may take up to another.
    const MAX_RUN: Duration = Duration::from_secs(180);
    const SLICE: usize = 50;
}
