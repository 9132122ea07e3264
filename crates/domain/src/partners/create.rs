use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::on_constraint};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, GroupId, PartnerId, PartnerProfileId, ProgramId};
use serde::Serialize;

use super::{Partner, PartnerProfile, PartnerStatus, UplineProblem, profile::Person, random_key, upline};
use crate::{
    act::Act,
    audit, db,
    deltas::Added,
    events::{self, EventKind},
    idempotency::{self, Claim},
    programs::{Program, ProgramStatus},
    schema::partners,
    scope::AccountScope,
    text::{self, Checks, FieldProblem},
};

/// How often a random key is drawn before the verb gives up: at 40 bits a second draw is an event, a fourth is a bug.
const DRAWS: usize = 4;

/// How a partner comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Entry {
    /// The owner takes them in, approved.
    Approved,
    /// The owner enters them, to be decided later.
    Pending,
    /// They applied: the program's `auto_approve` decides, or a person does later.
    Application,
    /// A customer who refers others, approved.
    Referrer,
}

/// A partner to be created.
#[derive(Debug, Clone, Serialize)]
pub struct NewPartner {
    /// The program to be a partner of.
    pub program_id: ProgramId,
    /// How they come in.
    pub entry: Entry,
    /// Whose; an address that the account knows is the same person, who keeps name and country.
    pub email: String,
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 100 of `a-z`, `0-9`, `-`, `_`; unique in the program; random if absent.
    pub key: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// At most 50 of 1 to 50 characters.
    pub tags: Vec<String>,
    /// A group of the program.
    pub group_id: Option<GroupId>,
    /// Who recruited them: a partner of the program.
    pub upline_id: Option<PartnerId>,
    /// The same key again answers with the partner of the first call.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// Why a partner was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// An archived program takes in nobody.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// No such group in the program.
    #[error("no such group")]
    GroupNotFound,
    /// The upline may not be one.
    #[error("the upline: {0:?}")]
    Upline(UplineProblem),
    /// Another partner of the program has the key.
    #[error("the key is taken")]
    KeyTaken,
    /// The person of that address is a partner of the program already.
    #[error("already a partner of the program")]
    AlreadyPartner,
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Insertable)]
#[diesel(table_name = partners)]
struct Row {
    id: PartnerId,
    account_id: AccountId,
    program_id: ProgramId,
    profile_id: PartnerProfileId,
    key: String,
    status: PartnerStatus,
    tags: Vec<String>,
    group_id: Option<GroupId>,
    upline_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A partner who comes in; checked.
pub(super) struct Incoming {
    pub(super) entry: Entry,
    pub(super) person: Person,
    pub(super) key: Key,
    pub(super) tags: Vec<String>,
    pub(super) group_id: Option<GroupId>,
    pub(super) upline_id: Option<PartnerId>,
    pub(super) customer_id: Option<CustomerId>,
}

/// What the public key is to be.
pub(super) enum Key {
    /// This one and no other.
    Wanted(String),
    /// This one, or one of chance if it is taken.
    Liked(String),
    /// One of chance.
    Random,
}

impl Entry {
    fn mutation(self) -> &'static str {
        match self {
            Self::Application => "partnerApply",
            Self::Approved | Self::Pending => "partnerCreate",
            Self::Referrer => "customerEnrol",
        }
    }

    fn outcome(self, program: &Program) -> (PartnerStatus, EventKind) {
        match self {
            Self::Application if !program.auto_approve => (PartnerStatus::Pending, EventKind::PartnerApplied),
            Self::Pending => (PartnerStatus::Pending, EventKind::PartnerApplied),
            Self::Application | Self::Approved | Self::Referrer => {
                (PartnerStatus::Approved, EventKind::PartnerApproved)
            }
        }
    }
}

impl NewPartner {
    fn checked(&self) -> Result<Incoming, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(self.idempotency_key.as_deref());
        let person = Person {
            email: checks.take("email", text::email(&self.email)).unwrap_or_default(),
            name: checks.take("name", text::line(&self.name, 200)).unwrap_or_default(),
            country: self.country.as_deref().and_then(|code| checks.take("country", text::country(code))),
        };
        let key = self.key.as_deref().and_then(|key| checks.take("key", text::slug(key, 100)));
        let tags = checks.take("tags", text::tags(&self.tags)).unwrap_or_default();
        checks.done(Incoming {
            entry: self.entry,
            person,
            key: key.map_or(Key::Random, Key::Wanted),
            tags,
            group_id: self.group_id,
            upline_id: self.upline_id,
            customer_id: None,
        })
    }
}

impl Partner {
    /// Creates a partner, and the profile behind it if the account does not know the address.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        new: &NewPartner,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let incoming = new.checked().map_err(CreateError::Invalid)?;
        let id: PartnerId = act.ids.next(act.now);
        let claim = new.idempotency_key.as_deref().map(|key| (key, idempotency::fingerprint(new)));
        let done = conn.transaction(async |conn| {
            if let Some((key, said)) = &claim {
                let name = (new.entry.mutation(), *key);
                let object = id.to_string();
                match idempotency::claim(conn, scope.account_id, name, said, &object, act.now).await? {
                    Claim::New => {}
                    Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                    Claim::Replayed(object) => return replayed(conn, scope, &object).await,
                }
            }
            let program = Program::find_locked(conn, scope, new.program_id).await?;
            let program = program.ok_or(CreateError::ProgramNotFound)?;
            if program.status == ProgramStatus::Archived {
                return Err(CreateError::WrongState { current: program.status });
            }
            if let Some(upline_id) = new.upline_id
                && let Some(problem) = upline::problem(conn, &program, upline_id, None).await?
            {
                return Err(CreateError::Upline(problem));
            }
            write(conn, (id, &program), &incoming, act).await
        });
        done.await.map_err(|error| match error {
            CreateError::Database(error) => refused(error),
            other => other,
        })
    }
}

/// What the database's no means.
pub(super) fn refused(error: diesel::result::Error) -> CreateError {
    match db::violated_constraint(&error) {
        Some("partners_profile_key") => CreateError::AlreadyPartner,
        Some("partners_group_fkey") => CreateError::GroupNotFound,
        _ => error.into(),
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Partner, CreateError> {
    let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
    Partner::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)
}

pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    (id, program): (PartnerId, &Program),
    incoming: &Incoming,
    act: &Act,
) -> Result<Partner, CreateError> {
    let profile = PartnerProfile::find_or_create(conn, program.account_id, &incoming.person, act).await?;
    let (status, kind) = incoming.entry.outcome(program);
    let row = Row {
        id,
        account_id: program.account_id,
        program_id: program.id,
        profile_id: profile.id,
        key: String::new(),
        status,
        tags: incoming.tags.clone(),
        group_id: incoming.group_id,
        upline_id: incoming.upline_id,
        customer_id: incoming.customer_id,
        created_at: act.now,
        updated_at: act.now,
    };
    let partner = insert(conn, row, &incoming.key, act).await?;
    let action = incoming.entry.mutation();
    audit::record(conn, act, partner.account_id, action, partner.id, (None, Some(&partner))).await?;
    events::record(conn, act, &[partner.event(kind)]).await?;
    let mut deltas = program.deltas();
    deltas.of_program(act.now, program.currency, counted(partner.status));
    deltas.append(conn).await?;
    Ok(partner)
}

/// Whoever comes in is counted as an application or, approved, as a partner.
fn counted(status: PartnerStatus) -> Added {
    match status {
        PartnerStatus::Approved => Added { partners: 1, ..Added::default() },
        _ => Added { applications: 1, ..Added::default() },
    }
}

/// Inserts the row under the key that is wanted, or under a random one that is free.
async fn insert(
    conn: &mut AsyncPgConnection,
    mut row: Row,
    wanted: &Key,
    act: &Act,
) -> Result<Partner, CreateError> {
    let draws = if matches!(wanted, Key::Wanted(_)) { 1 } else { DRAWS };
    for draw in 0..draws {
        row.key = match wanted {
            Key::Wanted(key) => key.clone(),
            Key::Liked(key) if draw == 0 => key.clone(),
            Key::Liked(_) | Key::Random => random_key::<8>(act),
        };
        let inserted = diesel::insert_into(partners::table)
            .values(&row)
            .on_conflict(on_constraint("partners_key_key"))
            .do_nothing()
            .returning(Partner::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if let Some(partner) = inserted {
            return Ok(partner);
        }
    }
    Err(CreateError::KeyTaken)
}
