//! The circumstances of a verb: who does it, when, and where new ids come from.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use ids::{ApiKeyId, IdSource, JobId, UserId};

/// Who acts. Printed as the TypeID of the user, key or job, or as `system`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person with a session.
    User(UserId),
    /// A machine with an API key.
    ApiKey(ApiKeyId),
    /// A job that does what an earlier act asked for.
    Job(JobId),
    /// Refero itself: schedules, set-up, the command line.
    System,
}

/// One act: `now`, the actor, the source of ids, and what the audit trail wants to know of the request.
#[derive(Clone)]
pub struct Act {
    /// The instant of the act; nothing in the domain reads a clock.
    pub now: DateTime<Utc>,
    /// Who acts.
    pub actor: Actor,
    /// Where new ids and secrets come from.
    pub ids: IdSource,
    /// The request that this act belongs to.
    pub request_id: Option<String>,
    /// The W3C `traceparent` that the request brought.
    pub traceparent: Option<String>,
    /// The client's address, for the audit trail.
    pub client_address: Option<String>,
    /// Whether what happens is history: it is recorded and counts like anything else, and nobody is told of it.
    pub quiet: bool,
}

impl Act {
    /// An act of Refero itself.
    pub fn of_system(now: DateTime<Utc>, ids: IdSource) -> Self {
        Self {
            now,
            actor: Actor::System,
            ids,
            request_id: None,
            traceparent: None,
            client_address: None,
            quiet: false,
        }
    }

    /// The same circumstances at another instant.
    pub fn at(&self, now: DateTime<Utc>) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same act by somebody else.
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// The same act as history: nobody is told of what it records, nor of what follows from that.
    pub fn quietly(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Job(id) => id.fmt(f),
            Self::System => f.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = ids::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "system" {
            return Ok(Self::System);
        }
        text.parse()
            .map(Self::User)
            .or_else(|_| text.parse().map(Self::ApiKey))
            .or_else(|_| text.parse().map(Self::Job))
    }
}
