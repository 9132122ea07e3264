use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, ProgramId};

use super::{KnownPermissions, Member, Permission, Role, lacking};
use crate::{
    act::{Act, Actor},
    schema::{accounts, api_keys},
    scope::AccountScope,
};

/// Takes the team of an account for the rest of the transaction. Whoever changes members, or grants or ends a right, does
/// so first: of two who do it at once, the second sees what the first has done.
///
/// # Errors
/// The database's; `NotFound` if there is no such account.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, account_id: AccountId) -> QueryResult<()> {
    let row = accounts::table.find(account_id).for_no_key_update().select(accounts::id);
    row.first::<AccountId>(conn).await?;
    Ok(())
}

/// What somebody who grants a right may do at this very moment. Needs [`lock`].
pub(crate) struct Grantor {
    /// Their permissions.
    pub(crate) held: Vec<Permission>,
    /// The programs that they reach.
    pub(crate) scope: AccountScope,
}

/// Why a right was not granted: nobody grants what they lack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Permissions that the grantor lacks.
    #[error("permissions that the grantor lacks")]
    Lacking(Vec<Permission>),
    /// The grantor is limited to some programs, so whoever gets the right must be too.
    #[error("limited to some programs")]
    Limited,
    /// A program that does not exist or is not in the grantor's reach.
    #[error("no such program")]
    ProgramNotFound,
    /// An owner owns all of the account.
    #[error("an owner is not limited to programs")]
    OwnerLimited,
}

impl Grantor {
    /// The actor as they are now: a member who was removed since the request began, or a key that was revoked or has
    /// expired, holds nothing any more. The system holds what it is `held` to.
    pub(crate) async fn now(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        held: &[Permission],
        act: &Act,
    ) -> QueryResult<Self> {
        let held = match act.actor {
            Actor::User(user) => {
                let member = Member::find(conn, scope.account_id, user).await?;
                member.map(|member| (member.role.permissions().to_vec(), member.scope()))
            }
            Actor::ApiKey(key) => {
                let live = api_keys::table
                    .filter(api_keys::account_id.eq(scope.account_id))
                    .filter(api_keys::id.eq(key))
                    .filter(api_keys::revoked_at.is_null())
                    .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(act.now)));
                let found: Option<KnownPermissions> =
                    live.select(api_keys::permissions).first(conn).await.optional()?;
                found.map(|found| (found.into(), scope.clone()))
            }
            Actor::Job(_) | Actor::System => Some((held.to_vec(), scope.clone())),
        };
        let (held, scope) = held.unwrap_or_else(|| (Vec::new(), scope.clone()));
        Ok(Self { held, scope })
    }

    /// Whether they may do all of this.
    pub(crate) fn holds(&self, permissions: &[Permission]) -> bool {
        lacking(&self.held, permissions).is_empty()
    }

    /// Whether they reach all that is reached by this.
    pub(crate) fn reaches(&self, programs: &[ProgramId]) -> bool {
        self.scope.is_whole() || (!programs.is_empty() && programs.iter().all(|id| self.scope.allows(*id)))
    }

    /// Whether they may grant this role, in these programs (empty means all).
    pub(crate) fn may_grant(&self, role: Role, programs: &[ProgramId]) -> Result<(), GrantError> {
        let lacks = lacking(&self.held, role.permissions());
        if !lacks.is_empty() {
            Err(GrantError::Lacking(lacks))
        } else if role == Role::Owner && !programs.is_empty() {
            Err(GrantError::OwnerLimited)
        } else if programs.is_empty() && !self.scope.is_whole() {
            Err(GrantError::Limited)
        } else if !self.reaches(programs) {
            Err(GrantError::ProgramNotFound)
        } else {
            Ok(())
        }
    }
}
