use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::EmailMessageId;

use super::EmailStatus;
use crate::prepared::Prepare;

/// What became of an attempt to send an email. The texts are shown to members of the account: they carry no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good, in these words.
    Bounced(String),
    /// Not this time, for this reason; there is another attempt.
    Postponed(String),
    /// Not this time, for this reason, and it was the last attempt.
    Failed(String),
    /// There is nobody or nothing to tell any more: why. Does not count as an attempt.
    Dropped(String),
}

impl Outcome {
    fn status(&self) -> EmailStatus {
        match self {
            Self::Sent => EmailStatus::Sent,
            Self::Bounced(_) => EmailStatus::Bounced,
            Self::Postponed(_) => EmailStatus::Queued,
            Self::Failed(_) => EmailStatus::Failed,
            Self::Dropped(_) => EmailStatus::Dropped,
        }
    }

    fn error(&self) -> Option<&str> {
        match self {
            Self::Sent => None,
            Self::Bounced(text) | Self::Postponed(text) | Self::Failed(text) | Self::Dropped(text) => {
                Some(text)
            }
        }
    }

    fn attempts(&self) -> i32 {
        i32::from(!matches!(self, Self::Dropped(_)))
    }
}

/// Records outcomes in one statement. An email that was sent, bounced or dropped stays so: of two runs that overlap, the
/// first to record such an end is right.
///
/// # Errors
/// The database's.
pub async fn record(
    conn: &mut AsyncPgConnection,
    outcomes: &[(EmailMessageId, Outcome)],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let column = |of: fn(&Outcome) -> &'static str| -> Vec<_> {
        outcomes.iter().map(|(_, outcome)| of(outcome)).collect()
    };
    diesel::sql_query(
        "UPDATE email_messages SET status = o.status, attempts = email_messages.attempts + o.attempts, \
         last_error = coalesce(o.error, email_messages.last_error), \
         sent_at = CASE WHEN o.status = 'SENT' THEN $5 END, updated_at = $5 \
         FROM unnest($1, $2, $3, $4) AS o (id, status, attempts, error) \
         WHERE email_messages.id = o.id AND email_messages.status IN ('QUEUED', 'FAILED')",
    )
    .bind::<Array<Uuid>, _>(outcomes.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(column(|outcome| outcome.status().as_str()))
    .bind::<Array<Integer>, _>(outcomes.iter().map(|(_, outcome)| outcome.attempts()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(outcomes.iter().map(|(_, outcome)| outcome.error()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .prepared()
    .execute(conn)
    .await
}
