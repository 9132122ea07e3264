use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    expression::SqlLiteral,
    prelude::*,
    sql_types::{Array, Uuid},
};
use ids::{AccountId, ApiKeyId, ProgramId};
use serde::Serialize;

use crate::{
    schema::api_keys,
    scope::AccountScope,
    team::{KnownPermissions, Permission},
};

/// A key, without its secret.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = api_keys)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The tenant.
    pub account_id: AccountId,
    /// What people call it.
    pub name: String,
    /// The last four characters of its secret.
    pub hint: String,
    /// What it may do.
    #[diesel(deserialize_as = KnownPermissions)]
    pub permissions: Vec<Permission>,
    /// The programs that it is limited to; empty means all.
    #[diesel(select_expression = program_ids(), select_expression_type = SqlLiteral<Array<Uuid>>)]
    pub programs: Vec<ProgramId>,
    /// Who made it, as [`Actor`](crate::act::Actor) prints.
    pub created_by: String,
    /// From when on it no longer works.
    pub expires_at: Option<DateTime<Utc>>,
    /// The last use, to a minute.
    #[serde(skip)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Since when it no longer works.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

fn program_ids() -> SqlLiteral<Array<Uuid>> {
    sql("ARRAY(SELECT p.program_id FROM api_key_programs p \
         WHERE p.account_id = api_keys.account_id AND p.api_key_id = api_keys.id ORDER BY p.program_id)")
}

impl ApiKey {
    /// What the key reaches: the whole account, or its programs in it.
    pub fn scope(&self) -> AccountScope {
        AccountScope::limited(self.account_id, self.programs.clone())
    }
}
