use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{ApiKeyId, ProgramId};
use serde::Serialize;

use super::ApiKey;
use crate::{
    act::{Act, Actor},
    audit, db,
    idempotency::{self, Claim},
    schema::{api_key_programs, api_keys},
    scope::AccountScope,
    team::{
        Permission,
        grantor::{self, Grantor},
        lacking,
    },
    text::{self, Checks, FieldProblem, TextProblem},
    users::{SecretToken, token},
};

/// What every secret begins with, so that leaked ones are found by those who scan for them.
const PREFIX: &str = "rfo_live_";

/// A key to be created.
#[derive(Debug, Clone, Serialize)]
pub struct NewApiKey {
    /// 1 to 200 characters.
    pub name: String,
    /// At least one; only such as the creator has.
    pub permissions: Vec<Permission>,
    /// At most 100; empty means all that the creator reaches, which must then be the whole account.
    pub programs: Vec<ProgramId>,
    /// In the future; without it the key works until it is revoked, or as long as the key that creates it. A key creates
    /// none that outlives it.
    pub expires_at: Option<DateTime<Utc>>,
    /// The same key again answers with the API key of the first call, without its secret.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// A key just created, with its secret; or the key of an earlier call, without.
#[derive(Debug, Clone)]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKey,
    /// What the machine keeps; it will not be seen again.
    pub secret: Option<SecretToken>,
}

/// Why a key was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Nobody grants what they lack.
    #[error("permissions that the creator lacks")]
    Lacking(Vec<Permission>),
    /// A program that does not exist or is not in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// The creator is limited to some programs, so the key must be too.
    #[error("limited to some programs")]
    Limited,
    /// A key would outlive the one that creates it.
    #[error("the key would outlive its creator")]
    Outlives {
        /// When the creator ends.
        ends_at: DateTime<Utc>,
    },
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Insertable)]
#[diesel(table_name = api_keys)]
struct Row<'a> {
    id: ApiKeyId,
    account_id: ids::AccountId,
    name: String,
    hint: String,
    token_hash: Vec<u8>,
    permissions: &'a [Permission],
    created_by: String,
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl NewApiKey {
    /// The input with its sets sorted, so that it says the same in whatever order it was said.
    fn normalised(&self) -> Self {
        let mut new = self.clone();
        new.permissions.sort_unstable();
        new.permissions.dedup();
        new.programs.sort_unstable();
        new.programs.dedup();
        new
    }

    /// What is wrong with the words alone; the name as it is stored.
    fn checked_name(&self) -> Result<String, CreateError> {
        let mut checks = Checks::default();
        checks.idempotency_key(self.idempotency_key.as_deref());
        let mut problems = checks.0;
        let mut refuse = |field: &str, problem| problems.push(FieldProblem::of(field, problem));
        let name = text::line(&self.name, 200).unwrap_or_else(|problem| {
            refuse("name", problem);
            String::new()
        });
        if self.permissions.is_empty() {
            refuse("permissions", TextProblem::Missing);
        }
        if self.programs.len() > 100 {
            refuse("programIds", TextProblem::TooLong { limit: 100 });
        }
        if problems.is_empty() { Ok(name) } else { Err(CreateError::Invalid(problems)) }
    }

    /// What depends on who asks and when: a replay is not asked again.
    fn permitted(
        &self,
        scope: &AccountScope,
        held: &[Permission],
        now: DateTime<Utc>,
    ) -> Result<(), CreateError> {
        let lacks = lacking(held, &self.permissions);
        if self.expires_at.is_some_and(|at| at <= now) {
            Err(CreateError::Invalid(vec![FieldProblem::of("expiresAt", TextProblem::Malformed)]))
        } else if !lacks.is_empty() {
            Err(CreateError::Lacking(lacks))
        } else if self.programs.is_empty() && !scope.is_whole() {
            Err(CreateError::Limited)
        } else if !self.programs.iter().all(|id| scope.allows(*id)) {
            Err(CreateError::ProgramNotFound)
        } else {
            Ok(())
        }
    }

    /// When the key ends: no later than the key that creates it, or whoever finds a key that is about to end could keep
    /// what it opens.
    async fn ending(
        &self,
        conn: &mut AsyncPgConnection,
        act: &Act,
    ) -> Result<Option<DateTime<Utc>>, CreateError> {
        let Actor::ApiKey(creator) = act.actor else { return Ok(self.expires_at) };
        let ends_at: Option<DateTime<Utc>> =
            api_keys::table.find(creator).select(api_keys::expires_at).first(conn).await?;
        match (self.expires_at, ends_at) {
            (Some(at), Some(ends_at)) if at > ends_at => Err(CreateError::Outlives { ends_at }),
            (wanted, ends_at) => Ok(wanted.or(ends_at)),
        }
    }
}

impl ApiKey {
    /// Creates a key with at most the permissions in `held` and the programs in `scope`.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        held: &[Permission],
        new: &NewApiKey,
        act: &Act,
    ) -> Result<CreatedApiKey, CreateError> {
        let new = new.normalised();
        let name = new.checked_name()?;
        let secret = SecretToken::random(&act.ids, PREFIX);
        let mut row = Row {
            id: act.ids.next(act.now),
            account_id: scope.account_id,
            name,
            hint: secret.hint(),
            token_hash: token::hash(secret.expose()),
            permissions: &new.permissions,
            created_by: act.actor.to_string(),
            expires_at: new.expires_at,
            created_at: act.now,
            updated_at: act.now,
        };
        conn.transaction(async |conn| {
            if let Some(key) = &new.idempotency_key {
                let (said, object) = (idempotency::fingerprint(&new), row.id.to_string());
                let claimed =
                    idempotency::claim(conn, row.account_id, ("apiKeyCreate", key), &said, &object, act.now);
                match claimed.await? {
                    Claim::New => {}
                    Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                    Claim::Replayed(object) => return replayed(conn, scope, &object).await,
                }
            }
            grantor::lock(conn, scope.account_id).await?;
            // Whoever lost a right since the request began does not take it along.
            let grantor = Grantor::now(conn, scope, held, act).await?;
            new.permitted(&grantor.scope, &grantor.held, act.now)?;
            row.expires_at = new.ending(conn, act).await?;
            let key = write(conn, scope, &row, &new.programs, act).await?;
            Ok(CreatedApiKey { key, secret: Some(secret) })
        })
        .await
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<CreatedApiKey, CreateError> {
    let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
    let key = ApiKey::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)?;
    Ok(CreatedApiKey { key, secret: None })
}

async fn write(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    row: &Row<'_>,
    programs: &[ProgramId],
    act: &Act,
) -> Result<ApiKey, CreateError> {
    use api_key_programs as p;
    diesel::insert_into(api_keys::table).values(row).execute(conn).await?;
    let limits: Vec<_> = programs
        .iter()
        .map(|id| (p::account_id.eq(row.account_id), p::api_key_id.eq(row.id), p::program_id.eq(*id)))
        .collect();
    diesel::insert_into(p::table).values(limits).execute(conn).await.map_err(|error| {
        match db::violated_constraint(&error) {
            Some("api_key_programs_program_fkey") => CreateError::ProgramNotFound,
            _ => error.into(),
        }
    })?;
    let key = ApiKey::find(conn, scope, row.id).await?.ok_or(diesel::result::Error::NotFound)?;
    audit::record(conn, act, key.account_id, "apiKeyCreate", key.id, (None, Some(&key))).await?;
    Ok(key)
}
