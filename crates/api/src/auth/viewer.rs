use domain::{act::Actor, scope::AccountScope, team::Permission};
use ids::{SessionId, UserId};

/// Who asks, and what they may do. Made once per request from its credential; nothing later changes it.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The user or key; `None` for nobody.
    pub actor: Option<Actor>,
    /// The user behind a session.
    pub user: Option<UserId>,
    /// The session of the request.
    pub session: Option<SessionId>,
    /// The account that is asked about, and what may be done in it. A user with several accounts who names none has
    /// none.
    pub reach: Option<Reach>,
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

    /// Whether the viewer may do this in the account that is asked about.
    pub fn permits(&self, permission: Permission) -> bool {
        self.reach.as_ref().is_some_and(|reach| reach.permissions.contains(&permission))
    }
}
