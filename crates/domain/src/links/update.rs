use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::LinkId;

use super::{Link, LinkStatus, address};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    schema::links,
    scope::AccountScope,
    text::{Checks, FieldProblem},
};

/// Changes of a link; what is `None` stays as it is. The slug stays: it is printed and posted.
#[derive(Debug, Clone, Default)]
pub struct LinkChanges {
    /// An http or https address.
    pub destination: Option<String>,
    /// Whether it works.
    pub status: Option<LinkStatus>,
}

/// Why a link was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such link in reach.
    #[error("no such link")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(AsChangeset)]
#[diesel(table_name = links)]
struct Row {
    destination: Option<String>,
    status: Option<LinkStatus>,
    updated_at: DateTime<Utc>,
}

impl LinkChanges {
    fn checked(&self, now: DateTime<Utc>) -> Result<Row, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let destination = self.destination.as_deref();
        let destination = destination.and_then(|to| checks.take("destination", address::destination(to)));
        checks.done(Row { destination, status: self.status, updated_at: now })
    }
}

impl Link {
    /// Changes the link `id`.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: LinkId,
        changes: &LinkChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        let row = changes.checked(act.now).map_err(UpdateError::Invalid)?;
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(UpdateError::NotFound)?;
            let after: Self = diesel::update(links::table.find(before.id))
                .set(&row)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "linkUpdate", after.id, change).await?;
            events::record(conn, act, &[after.event(EventKind::LinkUpdated)]).await?;
            Ok(after)
        })
        .await
    }
}
