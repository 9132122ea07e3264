use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, EventId, ProgramId};
use serde::Serialize;

use super::EventKind;
use crate::{act::Act, prepared::Prepare, schema::events};

/// Rows of one INSERT: eleven parameters each stay below PostgreSQL's 65,535.
const ROWS_PER_INSERT: usize = 2_000;

/// What happened, before it is recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    account_id: AccountId,
    program_id: Option<ProgramId>,
    kind: EventKind,
    subject: String,
    payload: serde_json::Value,
    quiet: bool,
}

impl NewEvent {
    /// Something that happened to `subject` within a program.
    pub fn of_program(
        account_id: AccountId,
        program_id: ProgramId,
        kind: EventKind,
        subject: impl ToString,
        payload: &impl Serialize,
    ) -> Self {
        Self { program_id: Some(program_id), ..Self::of_account(account_id, kind, subject, payload) }
    }

    /// Something of the account that happened to `subject` within no program: whoever is limited to some does not see it.
    pub fn of_account(
        account_id: AccountId,
        kind: EventKind,
        subject: impl ToString,
        payload: &impl Serialize,
    ) -> Self {
        let payload = serde_json::to_value(payload).unwrap_or_else(|error| {
            // A payload is a struct of ids, words and numbers; that it cannot be written is a bug, and a fact is not
            // lost for it.
            tracing::error!(%error, kind = kind.as_str(), "an event's payload could not be written");
            serde_json::Value::Null
        });
        Self { account_id, program_id: None, kind, subject: subject.to_string(), payload, quiet: false }
    }

    /// The same event, told to nobody if it follows from a quiet one.
    pub fn quiet_after(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct Row<'a> {
    id: EventId,
    account_id: AccountId,
    program_id: Option<ProgramId>,
    kind: EventKind,
    subject: &'a str,
    actor: String,
    request_id: Option<String>,
    trace: Option<String>,
    payload: &'a serde_json::Value,
    quiet: bool,
    at: chrono::DateTime<chrono::Utc>,
}

/// Records events, in the caller's transaction and in the order given.
///
/// # Errors
/// The database's.
pub async fn record(conn: &mut AsyncPgConnection, act: &Act, new: &[NewEvent]) -> QueryResult<()> {
    for chunk in new.chunks(ROWS_PER_INSERT) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|event| Row {
                id: act.ids.next(act.now),
                account_id: event.account_id,
                program_id: event.program_id,
                kind: event.kind,
                subject: &event.subject,
                actor: act.actor.to_string(),
                request_id: act.request_id.clone(),
                trace: act.traceparent.clone(),
                payload: &event.payload,
                quiet: act.quiet || event.quiet,
                at: act.now,
            })
            .collect();
        diesel::insert_into(events::table).values(&rows).prepared_for(rows.len()).execute(conn).await?;
    }
    Ok(())
}
