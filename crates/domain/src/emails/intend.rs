use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, EmailMessageId, IdSource};
use queue::NewJob;

use super::{EmailStatus, EmailTemplate, Recipient, SendEmail};
use crate::{prepared::Prepare, schema::email_messages};

/// Rows of one INSERT: nine parameters each stay below PostgreSQL's 65,535.
const ROWS_PER_INSERT: usize = 2_000;

/// An email to be intended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEmail {
    /// The tenant on whose behalf it is sent; none for emails about a user's own log-in.
    pub account_id: Option<AccountId>,
    /// What it says.
    pub template: EmailTemplate,
    /// To whom it goes.
    pub recipient: Recipient,
    /// The TypeID of what it is about.
    pub subject: String,
    /// The second intent with the same key is left out, for ever. Say what happened, to what and to whom:
    /// `reward_created:rwd_..:prt_..`.
    pub dedupe_key: String,
}

#[derive(Insertable)]
#[diesel(table_name = email_messages)]
struct Row<'a> {
    id: EmailMessageId,
    account_id: Option<AccountId>,
    template: EmailTemplate,
    recipient: Recipient,
    subject: &'a str,
    dedupe_key: &'a str,
    status: EmailStatus,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Intends emails in the caller's transaction, each with the job that sends it, and answers how many are new: those whose
/// dedupe key exists already are left out.
///
/// # Errors
/// The database's.
pub async fn intend(
    conn: &mut AsyncPgConnection,
    ids: &IdSource,
    now: DateTime<Utc>,
    new: &[NewEmail],
) -> QueryResult<usize> {
    let uncaused: Vec<(NewEmail, Cause)> =
        new.iter().map(|email| (email.clone(), Cause::default())).collect();
    intend_because(conn, ids, now, &uncaused).await
}

/// The request that an email follows from, for its job: the id, and the W3C `traceparent` that it brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// The request's id.
    pub request_id: Option<String>,
    /// Its `traceparent`.
    pub trace: Option<String>,
}

/// As [`intend`], each email with the request that it follows from.
///
/// # Errors
/// The database's.
pub async fn intend_because(
    conn: &mut AsyncPgConnection,
    ids: &IdSource,
    now: DateTime<Utc>,
    new: &[(NewEmail, Cause)],
) -> QueryResult<usize> {
    // In one order everywhere: two transactions that intend the same emails wait for each other, but never in a circle.
    let mut ordered: Vec<&(NewEmail, Cause)> = new.iter().collect();
    ordered.sort_by(|one, two| one.0.dedupe_key.cmp(&two.0.dedupe_key));
    let mut intended = 0;
    for chunk in ordered.chunks(ROWS_PER_INSERT) {
        let rows: Vec<_> = chunk.iter().map(|(email, _)| row(email, ids.next(now), now)).collect();
        let causes: HashMap<EmailMessageId, &Cause> =
            rows.iter().zip(chunk).map(|(row, (_, cause))| (row.id, cause)).collect();
        let inserted: Vec<(EmailMessageId, Option<AccountId>)> = diesel::insert_into(email_messages::table)
            .values(&rows)
            .on_conflict(email_messages::dedupe_key)
            .do_nothing()
            .returning((email_messages::id, email_messages::account_id))
            .prepared_for(rows.len())
            .get_results(conn)
            .await?;
        let jobs: Vec<_> =
            inserted.iter().map(|(id, account)| job(*id, *account, causes.get(id).copied())).collect();
        queue::enqueue(conn, now, ids, &jobs).await?;
        intended += inserted.len();
    }
    Ok(intended)
}

fn row(email: &NewEmail, id: EmailMessageId, now: DateTime<Utc>) -> Row<'_> {
    Row {
        id,
        account_id: email.account_id,
        template: email.template,
        recipient: email.recipient,
        subject: &email.subject,
        dedupe_key: &email.dedupe_key,
        status: EmailStatus::Queued,
        created_at: now,
        updated_at: now,
    }
}

fn job(email_id: EmailMessageId, account: Option<AccountId>, cause: Option<&Cause>) -> NewJob {
    let Cause { request_id, trace } = cause.cloned().unwrap_or_default();
    let job = NewJob::of(&SendEmail { email_id }).caused_by(request_id, trace);
    match account {
        Some(account) => job.account(account),
        None => job,
    }
}
