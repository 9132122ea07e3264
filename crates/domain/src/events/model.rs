use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, EventId, ProgramId};

use super::EventKind;
use crate::schema::events;

/// An event as it stands in the feed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct Event {
    /// The order of recording; only the sequencer reads it.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program that it happened in.
    pub program_id: Option<ProgramId>,
    /// What happened.
    pub kind: EventKind,
    /// The TypeID of what it happened to.
    pub subject: String,
    /// Who did it, as [`crate::act::Actor`] prints.
    pub actor: String,
    /// The request that did it.
    pub request_id: Option<String>,
    /// The W3C `traceparent` that the request brought.
    pub trace: Option<String>,
    /// Ids and small facts, no personal data.
    pub payload: serde_json::Value,
    /// Whether nobody is told of it: history, which was told elsewhere or never.
    pub quiet: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// The place in the feed; none until it is sequenced.
    pub position: Option<i64>,
}
