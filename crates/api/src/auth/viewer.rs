use domain::{act::Actor, scope::AccountScope, team::Permission};
use ids::{SessionId, UserId};

use crate::graphql::error::ApiError;

/// Who asks, and what they may do. Made once per request from its credential; nothing later changes it.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The user or key; `None` for nobody.
    pub actor: Option<Actor>,
    /// The user behind a session.
    pub user: Option<UserId>,
    /// The session of the request.
    pub session: Option<SessionId>,
    /// Whether the user operates this instance. A key never does.
    pub operates: bool,
    /// The account that is asked about, and what may be done in it. A user with several accounts who names none has
    /// none.
    pub reach: Option<Reach>,
    /// Why somebody has no reach.
    pub obstacle: Option<Obstacle>,
}

/// Why somebody who is known reaches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A member of several accounts, who named none in `X-Account-Id`.
    SeveralAccounts,
    /// The account that is named is none of theirs, or they have none.
    NoSuchAccount,
    /// The account is suspended or closed.
    AccountSuspended,
}

/// What a viewer reaches in one account.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The account, and its programs in reach.
    pub scope: AccountScope,
    /// What may be done there.
    pub permissions: Vec<Permission>,
}

impl Viewer {
    /// Nobody: what a request without a credential is.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Why nothing is in reach: nobody asks, or somebody with an obstacle.
    pub fn unreached(&self) -> ApiError {
        match (self.actor, self.obstacle) {
            (None, _) => ApiError::Unauthenticated,
            (Some(_), Some(Obstacle::NoSuchAccount)) => ApiError::AccountNotFound,
            (Some(_), Some(Obstacle::AccountSuspended)) => ApiError::AccountSuspended,
            (Some(_), Some(Obstacle::SeveralAccounts) | None) => ApiError::AccountRequired,
        }
    }

    /// Whether the viewer may do this in the account that is asked about.
    pub fn permits(&self, permission: Permission) -> bool {
        self.reach.as_ref().is_some_and(|reach| reach.permissions.contains(&permission))
    }

    /// What the viewer may do in the account that is asked about.
    pub fn permissions(&self) -> &[Permission] {
        self.reach.as_ref().map_or(&[], |reach| &reach.permissions)
    }
}
