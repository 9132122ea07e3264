//! The audit trail.

use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use domain::{audit::AuditFilter, page::PageArgs};

use super::{
    connection::{self, connection},
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
};

/// Who changed what, from what to what.
#[derive(Clone)]
pub struct AuditEntry(pub domain::audit::AuditEntry);

impl From<domain::audit::AuditEntry> for AuditEntry {
    fn from(entry: domain::audit::AuditEntry) -> Self {
        Self(entry)
    }
}

/// Who changed what, from what to what.
#[Object]
impl AuditEntry {
    /// `aud_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Who acted: the id of a user, API key or job, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The mutation.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The id of what was changed.
    async fn target_id(&self) -> ID {
        ID(self.0.target.clone())
    }

    /// As it was; null for what was made, or where it is personal data.
    async fn before(&self) -> Option<Json<&serde_json::Value>> {
        self.0.before.as_ref().map(Json)
    }

    /// As it is; null where it is personal data.
    async fn after(&self) -> Option<Json<&serde_json::Value>> {
        self.0.after.as_ref().map(Json)
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

connection!(
    /// Entries of the audit trail, newest first.
    AuditConnection, AuditEdge, AuditEntry, domain::audit::AuditEntry, |row| row.id
);

/// What can be asked of the audit trail.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit trail, newest first. Only credentials that reach the whole account see it; for others it is empty.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Only what was done to the object of this id.")] target_id: Option<ID>,
    ) -> Result<AuditConnection, ApiError> {
        let request = Request::of(ctx);
        let filter = AuditFilter { target: target_id.map(|id| id.0) };
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::audit::AuditEntry::list(&mut conn, request.scope()?, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => {
                let cap = connection::COUNT_CAP;
                Some(domain::audit::AuditEntry::count(&mut conn, request.scope()?, &filter, cap).await?)
            }
            false => None,
        };
        Ok(AuditConnection::of(rows, page.after.is_none(), total))
    }
}
