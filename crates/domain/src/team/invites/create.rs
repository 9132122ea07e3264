use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, InviteId, ProgramId};

use super::{Invite, InviteDelivery, InviteStatus, InvitesPerDay, model::VALID, worn_out::worn_out};
use crate::{
    act::Act,
    audit, db,
    events::{self, EventKind},
    schema::{invite_programs, invites, members, users},
    scope::AccountScope,
    team::{
        GrantError, Permission, Role,
        grantor::{self, Grantor},
    },
    text::{self, FieldProblem, TextProblem},
    users::{Secrets, folded, token},
};

/// The most addresses of one call.
const MOST: usize = 500;
/// The most programs that an invite may name.
const MOST_PROGRAMS: usize = 100;

/// People to be invited, all to the same.
#[derive(Debug, Clone)]
pub struct NewInvites {
    /// 1 to 500 addresses; one that is there twice, in whatever case, counts once.
    pub emails: Vec<String>,
    /// What they will do; nothing that the inviter may not.
    pub role: Role,
    /// At most 100; empty means all, which the inviter must reach then.
    pub programs: Vec<ProgramId>,
    /// A line to go with it, of at most 500 characters and without web addresses: the one link in the email is ours.
    pub message: Option<String>,
}

/// What became of one address.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The address, in lower case.
    pub email: String,
    /// What was done.
    pub outcome: InviteOutcome,
}

/// What was done about an address.
#[derive(Debug, Clone)]
pub enum InviteOutcome {
    /// It was invited.
    Created(Invite),
    /// It has a pending invite, which stays as it is; none is shown that reaches further than the inviter.
    Pending(Option<Invite>),
    /// It is that of a member.
    Member,
    /// The account had so many emails sent to it within a day that it gets no more.
    Limited,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteCreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Nobody grants what they lack.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The account would invite more people within a day than this instance allows.
    #[error("too many within a day")]
    TooMany {
        /// The most within a day.
        most: i64,
        /// How many it may still invite at this moment.
        left: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Insertable)]
#[diesel(table_name = invites)]
struct Row<'a> {
    id: InviteId,
    account_id: AccountId,
    email: &'a str,
    role: Role,
    message: Option<&'a str>,
    status: InviteStatus,
    rotation: i32,
    token_hash: Vec<u8>,
    invited_by: String,
    send_count: i32,
    asked_at: DateTime<Utc>,
    delivery: InviteDelivery,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

struct Checked {
    /// In the order said, each once.
    emails: Vec<String>,
    programs: Vec<ProgramId>,
    message: Option<String>,
}

impl NewInvites {
    fn checked(&self) -> Result<Checked, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut emails = Vec::with_capacity(self.emails.len());
        match self.emails.len() {
            0 => problems.push(FieldProblem::of("emails", TextProblem::Missing)),
            1..=MOST => {
                let mut seen = HashSet::new();
                for (place, said) in self.emails.iter().enumerate() {
                    match text::email(said).map(|email| folded(&email)) {
                        Ok(email) if seen.insert(email.clone()) => emails.push(email),
                        Ok(_) => {}
                        Err(problem) => {
                            let path = vec!["emails".to_owned(), place.to_string()];
                            problems.push(FieldProblem { path, problem });
                        }
                    }
                }
            }
            _ => problems.push(FieldProblem::of("emails", TextProblem::TooLong { limit: MOST })),
        }
        if self.programs.len() > MOST_PROGRAMS {
            problems.push(FieldProblem::of("programIds", TextProblem::TooLong { limit: MOST_PROGRAMS }));
        }
        let message = self.message.as_deref().filter(|message| !message.trim().is_empty());
        let message = message.map(message_line).transpose().unwrap_or_else(|problem| {
            problems.push(FieldProblem::of("message", problem));
            None
        });
        let mut programs = self.programs.clone();
        programs.sort_unstable();
        programs.dedup();
        if problems.is_empty() { Ok(Checked { emails, programs, message }) } else { Err(problems) }
    }
}

/// Whoever opens an account could have us send their words to anybody: they may greet, but lead nowhere.
fn message_line(message: &str) -> Result<String, TextProblem> {
    let message = text::line(message, 500)?;
    if message.split_whitespace().any(text::is_link) { Err(TextProblem::Malformed) } else { Ok(message) }
}

impl Invite {
    /// Invites people to the team of the account; answers for each address, in the order said. Addresses of members and
    /// those that are invited already are told, and do not keep the others from being invited: the same call again
    /// invites nobody twice, and counts nobody twice against what the account may do in a day. A handful of statements,
    /// however many they are.
    ///
    /// # Errors
    /// [`InviteCreateError`]; nobody was invited then.
    pub async fn create(
        conn: &mut AsyncPgConnection,
        (scope, held): (&AccountScope, &[Permission]),
        new: &NewInvites,
        (secrets, per_day): (&Secrets, InvitesPerDay),
        act: &Act,
    ) -> Result<Vec<Invited>, InviteCreateError> {
        let checked = new.checked().map_err(InviteCreateError::Invalid)?;
        let account_id = scope.account_id;
        conn.transaction(async |conn| {
            grantor::lock(conn, account_id).await?;
            let grantor = Grantor::now(conn, scope, held, act).await?;
            grantor.may_grant(new.role, &checked.programs)?;
            let all: Vec<&str> = checked.emails.iter().map(String::as_str).collect();
            let pending = Self::hold_pending(conn, account_id, &all, act).await?;
            let members = members_of(conn, account_id, &all).await?;
            let limited = worn_out(conn, account_id, &all, act.now).await?;
            let is_new = |email: &str| {
                !pending.contains_key(email) && !members.contains(email) && !limited.contains(email)
            };
            let rows: Vec<Row<'_>> = all
                .iter()
                .filter(|email| is_new(email))
                .map(|email| row(account_id, email, new.role, checked.message.as_deref(), secrets, act))
                .collect();
            per_day.admit(conn, account_id, rows.len(), act.now).await?;
            let created = insert(conn, &rows, &checked.programs).await?;
            record(conn, account_id, &created, act).await?;
            let mut found: HashMap<String, InviteOutcome> = HashMap::new();
            found.extend(pending.into_iter().map(|(email, invite)| {
                let shown = grantor.reaches(&invite.programs).then_some(invite);
                (email, InviteOutcome::Pending(shown))
            }));
            found.extend(
                created.into_iter().map(|invite| (invite.email.clone(), InviteOutcome::Created(invite))),
            );
            let invited = checked.emails.into_iter().map(|email| {
                let outcome = match found.remove(&email) {
                    _ if members.contains(&email) => InviteOutcome::Member,
                    Some(outcome) => outcome,
                    None => InviteOutcome::Limited,
                };
                Invited { email, outcome }
            });
            Ok(invited.collect())
        })
        .await
    }
}

fn row<'a>(
    account_id: AccountId,
    email: &'a str,
    role: Role,
    message: Option<&'a str>,
    secrets: &Secrets,
    act: &Act,
) -> Row<'a> {
    let id = act.ids.next(act.now);
    Row {
        id,
        account_id,
        email,
        role,
        message,
        status: InviteStatus::Pending,
        rotation: 1,
        token_hash: token::hash(secrets.invite_token(id, 1).expose()),
        invited_by: act.actor.to_string(),
        send_count: 1,
        asked_at: act.now,
        delivery: InviteDelivery::Queued,
        expires_at: act.now + VALID,
        created_at: act.now,
        updated_at: act.now,
    }
}

/// Those of these addresses that are members'.
pub(super) async fn members_of(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    emails: &[&str],
) -> QueryResult<HashSet<String>> {
    let found: Vec<String> = members::table
        .inner_join(users::table)
        .filter(members::account_id.eq(account_id))
        .filter(users::email.eq_any(emails))
        .select(users::email)
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}

async fn insert(
    conn: &mut AsyncPgConnection,
    rows: &[Row<'_>],
    programs: &[ProgramId],
) -> Result<Vec<Invite>, InviteCreateError> {
    use invite_programs as p;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let inserted = diesel::insert_into(invites::table).values(rows).returning(Invite::as_returning());
    let mut created: Vec<Invite> = inserted.get_results(conn).await?;
    for chunk in created.chunks(100) {
        let limits: Vec<_> = chunk
            .iter()
            .flat_map(|invite| programs.iter().map(move |program| (invite, *program)))
            .map(|(invite, program)| {
                (p::account_id.eq(invite.account_id), p::invite_id.eq(invite.id), p::program_id.eq(program))
            })
            .collect();
        if !limits.is_empty() {
            diesel::insert_into(p::table).values(limits).execute(conn).await.map_err(of_program)?;
        }
    }
    created.iter_mut().for_each(|invite| programs.clone_into(&mut invite.programs));
    Ok(created)
}

fn of_program(error: diesel::result::Error) -> InviteCreateError {
    match db::violated_constraint(&error) {
        Some("invite_programs_program_fkey") => GrantError::ProgramNotFound.into(),
        _ => error.into(),
    }
}

async fn record(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    created: &[Invite],
    act: &Act,
) -> QueryResult<()> {
    let happened: Vec<_> = created.iter().map(|invite| invite.event(EventKind::InviteCreated)).collect();
    events::record(conn, act, &happened).await?;
    let changes: Vec<_> = created.iter().map(|invite| (invite.id.to_string(), None, Some(invite))).collect();
    audit::record_all(conn, act, account_id, "inviteCreate", &changes).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lead_nowhere() {
        for (message, is_fine) in [
            ("Welcome to the team!", true),
            ("Win at https://evil.example", false),
            ("see WWW.evil.example", false),
            ("claim it at evil.example/win", false),
            ("two\nlines", false),
        ] {
            assert_eq!(message_line(message).is_ok(), is_fine, "{message}");
        }
    }
}
