use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{GroupId, ProgramId};
use serde::Serialize;

use super::{Group, MOST_GROUPS, model};
use crate::{
    act::Act,
    audit, db,
    idempotency::{self, Claim},
    programs::{Program, ProgramStatus},
    schema::groups,
    scope::AccountScope,
    text::{Checks, FieldProblem},
};

/// A group to be created.
#[derive(Debug, Clone, Serialize)]
pub struct NewGroup {
    /// The program.
    pub program_id: ProgramId,
    /// 1 to 100 characters, unique in the program whatever the case.
    pub name: String,
    /// The same key again answers with the group of the first call.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// Why a group was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// An archived program gets no new group.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The program has as many groups as it may have.
    #[error("{MOST_GROUPS} groups are the most")]
    TooMany,
    /// Another group of the program has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl NewGroup {
    fn checked(&self) -> Result<String, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(self.idempotency_key.as_deref());
        let name = checks.take("name", model::name(&self.name)).unwrap_or_default();
        checks.done(name)
    }
}

impl Group {
    /// Creates a group without partners.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        new: &NewGroup,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let name = new.checked().map_err(CreateError::Invalid)?;
        let id: GroupId = act.ids.next(act.now);
        let claim = new.idempotency_key.as_deref().map(|key| (key, idempotency::fingerprint(new)));
        let done = conn.transaction(async |conn| {
            if let Some((key, said)) = &claim {
                let (mutation, object) = (("groupCreate", *key), id.to_string());
                match idempotency::claim(conn, scope.account_id, mutation, said, &object, act.now).await? {
                    Claim::New => {}
                    Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                    Claim::Replayed(object) => return replayed(conn, scope, &object).await,
                }
            }
            // The lock makes groups of one program take turns, so that their number is known.
            let program = Program::find_locked(conn, scope, new.program_id).await?;
            let program = program.ok_or(CreateError::ProgramNotFound)?;
            if program.status == ProgramStatus::Archived {
                return Err(CreateError::WrongState { current: program.status });
            }
            if Self::of_programs(conn, scope, &[program.id]).await?.len() >= MOST_GROUPS {
                return Err(CreateError::TooMany);
            }
            insert(conn, (id, &program), name, act).await
        });
        done.await.map_err(|error| match error {
            CreateError::Database(error) if db::violated_constraint(&error) == Some("groups_name_key") => {
                CreateError::NameTaken
            }
            other => other,
        })
    }
}

/// The group of the first call; a conflict if it was deleted since.
async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Group, CreateError> {
    let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
    Group::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)
}

async fn insert(
    conn: &mut AsyncPgConnection,
    (id, program): (GroupId, &Program),
    name: String,
    act: &Act,
) -> Result<Group, CreateError> {
    let (account_id, program_id) = (program.account_id, program.id);
    let group = Group { id, account_id, program_id, name, created_at: act.now, updated_at: act.now };
    diesel::insert_into(groups::table).values(&group).execute(conn).await?;
    audit::record(conn, act, account_id, "groupCreate", id, (None, Some(&group))).await?;
    Ok(group)
}
