use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, EventId, ProgramId};

use super::{Event, EventKind};
use crate::schema::events;

/// What stands at a position of the feed.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Where.
    pub position: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The event; none when it is of a kind that only newer processes know.
    pub event: Option<Event>,
}

/// An [`Event`] whose kind is any word.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct Row {
    seq: i64,
    id: EventId,
    account_id: AccountId,
    program_id: Option<ProgramId>,
    kind: String,
    subject: String,
    actor: String,
    request_id: Option<String>,
    trace: Option<String>,
    payload: serde_json::Value,
    quiet: bool,
    at: DateTime<Utc>,
    position: Option<i64>,
}

impl From<Row> for Arrived {
    fn from(row: Row) -> Self {
        let event = EventKind::from_word(&row.kind).map(|kind| Event {
            seq: row.seq,
            id: row.id,
            account_id: row.account_id,
            program_id: row.program_id,
            kind,
            subject: row.subject,
            actor: row.actor,
            request_id: row.request_id,
            trace: row.trace,
            payload: row.payload,
            quiet: row.quiet,
            at: row.at,
            position: row.position,
        });
        Self { position: row.position.unwrap_or_default(), at: row.at, event }
    }
}
