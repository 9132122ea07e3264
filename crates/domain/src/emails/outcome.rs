use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::EmailMessageId;

use super::{EmailStatus, Recipient};
use crate::{
    act::Act,
    prepared::Prepare,
    schema::email_messages,
    team::invites::{self, Delivered, InviteDelivery, note_deliveries},
};

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

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = Uuid)]
    id: EmailMessageId,
    #[diesel(sql_type = Text)]
    recipient: Recipient,
    #[diesel(sql_type = Text)]
    dedupe_key: String,
}

/// Records outcomes in one statement, in the caller's transaction, and on invites what became of their emails; answers how
/// many were recorded. An email that was sent, bounced or dropped stays so: of two runs that overlap, the first to record such
/// an end is right.
///
/// # Errors
/// The database's.
pub async fn record(
    conn: &mut AsyncPgConnection,
    outcomes: &[(EmailMessageId, Outcome)],
    act: &Act,
) -> QueryResult<usize> {
    let recorded = write(conn, outcomes, act.now).await?;
    let outcome_of =
        |id: EmailMessageId| outcomes.iter().find(|(of, _)| *of == id).map(|(_, outcome)| outcome);
    let noted: Vec<Delivered> =
        recorded.iter().filter_map(|row| delivered(row, outcome_of(row.id)?)).collect();
    note_deliveries(conn, &noted, act).await?;
    Ok(recorded.len())
}

/// Takes the invites that these emails are about, in the caller's transaction, before it records outcomes of them in more than
/// one call of [`record`]: each takes what it needs in one order, and two of them after another would not.
///
/// # Errors
/// The database's.
pub async fn hold_invites(conn: &mut AsyncPgConnection, emails: &[EmailMessageId]) -> QueryResult<()> {
    let rows = email_messages::table.filter(email_messages::id.eq_any(emails));
    let recipients: Vec<Recipient> = rows.select(email_messages::recipient).load(conn).await?;
    let invited = recipients.into_iter().filter_map(|recipient| match recipient {
        Recipient::Invite(id) => Some(id),
        Recipient::User(_) | Recipient::Partner(_) => None,
    });
    invites::hold(conn, invited.collect()).await
}

/// What an invite is told of its email. One that was dropped had nothing to tell any more, and the invite knows why.
fn delivered(row: &Recorded, outcome: &Outcome) -> Option<Delivered> {
    let Recipient::Invite(invite_id) = row.recipient else { return None };
    let delivery = match outcome {
        Outcome::Sent => InviteDelivery::Sent,
        Outcome::Bounced(_) => InviteDelivery::Bounced,
        Outcome::Postponed(_) => InviteDelivery::Queued,
        Outcome::Failed(_) => InviteDelivery::Failed,
        Outcome::Dropped(_) => return None,
    };
    let (email_key, error) = (row.dedupe_key.clone(), outcome.error().map(str::to_owned));
    Some(Delivered { invite_id, email_key, delivery, error })
}

async fn write(
    conn: &mut AsyncPgConnection,
    outcomes: &[(EmailMessageId, Outcome)],
    now: DateTime<Utc>,
) -> QueryResult<Vec<Recorded>> {
    let column = |of: fn(&Outcome) -> &'static str| -> Vec<_> {
        outcomes.iter().map(|(_, outcome)| of(outcome)).collect()
    };
    diesel::sql_query(
        "UPDATE email_messages SET status = o.status, attempts = email_messages.attempts + o.attempts, \
         last_error = coalesce(o.error, email_messages.last_error), \
         sent_at = CASE WHEN o.status = 'SENT' THEN $5 END, updated_at = $5 \
         FROM unnest($1, $2, $3, $4) AS o (id, status, attempts, error) \
         WHERE email_messages.id = o.id AND email_messages.status IN ('QUEUED', 'FAILED') \
         RETURNING email_messages.id, email_messages.recipient, email_messages.dedupe_key",
    )
    .bind::<Array<Uuid>, _>(outcomes.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(column(|outcome| outcome.status().as_str()))
    .bind::<Array<Integer>, _>(outcomes.iter().map(|(_, outcome)| outcome.attempts()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(outcomes.iter().map(|(_, outcome)| outcome.error()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .prepared()
    .load(conn)
    .await
}
