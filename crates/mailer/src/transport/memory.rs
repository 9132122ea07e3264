use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::{Mailbox, Message, Sent};

/// A message that was sent into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The message as it was given.
    pub message: Message,
    /// Who wrote it.
    pub from: Mailbox,
    /// Its date.
    pub at: DateTime<Utc>,
}

/// The list of messages that a memory transport accepted; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<Vec<SentMessage>>>);

impl Outbox {
    /// What was sent so far, oldest first.
    pub fn messages(&self) -> Vec<SentMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, message: SentMessage) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

pub(crate) struct Memory {
    outbox: Outbox,
}

impl Memory {
    pub(crate) fn new(outbox: Outbox) -> Self {
        Self { outbox }
    }

    pub(crate) fn keep(&self, message: &Message, from: &Mailbox, now: DateTime<Utc>) -> Sent {
        let from = message.from.clone().unwrap_or_else(|| from.clone());
        self.outbox.push(SentMessage { message: message.clone(), from, at: now });
        Sent { response: "kept in memory".to_owned() }
    }
}
