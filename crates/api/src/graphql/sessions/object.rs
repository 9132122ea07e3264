use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::graphql::{
    error::ApiError,
    users::{User, UserLoader},
};

/// A log-in of yours on one device. It ends 14 days after its last use, and 60 days after the log-in.
#[derive(Clone)]
pub struct Session {
    pub(super) session: domain::users::Session,
    pub(super) is_current: bool,
}

impl Session {
    /// A session as its user sees it from another one, or from itself.
    pub fn seen_from(session: domain::users::Session, current: Option<ids::SessionId>) -> Self {
        Self { is_current: current == Some(session.id), session }
    }
}

/// A log-in of yours on one device. It ends 14 days after its last use, and 60 days after the log-in.
#[Object]
impl Session {
    /// `ses_...`
    pub async fn id(&self) -> ID {
        self.session.id.into()
    }

    /// Whose it is.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, ApiError> {
        UserLoader::load(ctx, self.session.user_id).await?.ok_or(ApiError::Internal)
    }

    /// When the user logged in.
    async fn created_at(&self) -> DateTime<Utc> {
        self.session.created_at
    }

    /// The last use, to five minutes.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.session.last_seen_at
    }

    /// When it ends at the latest.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.session.expires_at
    }

    /// What the browser said it was.
    async fn user_agent(&self) -> Option<&str> {
        self.session.user_agent.as_deref()
    }

    /// Whether it is the session of this request.
    async fn current(&self) -> bool {
        self.is_current
    }
}
