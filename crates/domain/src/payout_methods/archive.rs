use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::PartnerId;

use super::{
    PayoutMethod,
    create::{is_shared_beyond, lock},
};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    partners::Partner,
    scope::AccountScope,
};

/// Why nothing was put away.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No such partner in reach, or it has no method.
    #[error("no such method")]
    NotFound,
    /// The profile is also a partner's of programs beyond reach, which would be paid nothing either.
    #[error("the profile is shared beyond reach")]
    Shared,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutMethod {
    /// Puts away the method that the partner's profile is paid to: it is paid nothing until it has another. Payouts that are
    /// under way keep theirs.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn archive(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_id: PartnerId,
        act: &Act,
    ) -> Result<Self, ArchiveError> {
        conn.transaction(async |conn| {
            let partner = Partner::find(conn, scope, partner_id).await?.ok_or(ArchiveError::NotFound)?;
            lock(conn, partner.account_id, partner.profile_id).await?;
            if is_shared_beyond(conn, scope, partner.profile_id).await? {
                return Err(ArchiveError::Shared);
            }
            let method = Self::current(conn, partner.account_id, partner.profile_id).await?;
            let method = method.ok_or(ArchiveError::NotFound)?;
            method.step_down(conn, act.now).await?;
            let change = (Some(&method.label), None);
            audit::record(conn, act, method.account_id, "payoutMethodArchive", method.id, change).await?;
            events::record(conn, act, &[method.event(EventKind::PayoutMethodArchived, &partner)]).await?;
            Ok(Self { default_since: None, archived_at: Some(act.now), updated_at: act.now, ..method })
        })
        .await
    }
}
