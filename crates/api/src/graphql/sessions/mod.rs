//! Sessions: log-ins of people.

mod object;

use async_graphql::{Context, Object, SimpleObject};
use domain::users::{Attempt, LogInError, OpenedSession, SESSION_SECS, User};
use ids::SessionId;
pub use object::Session;

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
};
use crate::{
    auth::Gate,
    http::{RequestInfo, SessionCookie},
};

/// What a mutation of a session answers.
#[derive(SimpleObject)]
pub struct SessionPayload {
    /// The session; null when nothing was done.
    pub session: Option<Session>,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

impl SessionPayload {
    /// A session that was opened, its token in the cookie; or why not.
    pub(super) fn opened<E>(ctx: &Context<'_>, outcome: Result<OpenedSession, E>) -> Result<Self, ApiError>
    where
        Refusal: From<E>,
    {
        Self::of(outcome.map(|opened| Self::keep(ctx, opened)).map_err(Refusal::from))
    }

    /// The session as an object, its token in the cookie.
    pub(super) fn keep(ctx: &Context<'_>, opened: OpenedSession) -> Session {
        ctx.data_unchecked::<SessionCookie>().set(opened.token.expose(), SESSION_SECS);
        Session { session: opened.session, is_current: true }
    }

    fn of(outcome: Result<Session, Refusal>) -> Result<Self, ApiError> {
        match outcome {
            Ok(session) => Ok(Self { session: Some(session), user_errors: Vec::new() }),
            Err(Refusal::User(user_errors)) => Ok(Self { session: None, user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

/// What `sessionsDeleteOthers` answers.
#[derive(SimpleObject)]
pub struct SessionsDeleteOthersPayload {
    /// How many sessions ended.
    pub ended: usize,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What can be done with sessions.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Public. Logs in and sets the session cookie; the session that the browser had ends. One answer for an unknown
    /// address, one that was not verified, and a wrong password.
    async fn session_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address, in any case.")] email: String,
        #[graphql(desc = "The password.", secret)] password: String,
    ) -> Result<SessionPayload, ApiError> {
        let (request, gate, info) = (Request::of(ctx), Gate::of(ctx), ctx.data_unchecked::<RequestInfo>());
        gate.count_log_in(info, &email).await?;
        let replaces = request.viewer.session;
        let attempt = Attempt { email, password, user_agent: info.user_agent.clone(), replaces };
        let opened = User::log_in(&request.db, gate.keys(), &attempt, &request.act).await;
        SessionPayload::opened(ctx, opened)
    }

    /// Logs out: ends the session of this request, or another one of yours.
    async fn session_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`ses_...`; the session of this request when left out.")] id: Option<SessionId>,
    ) -> Result<SessionPayload, ApiError> {
        let request = Request::of(ctx);
        let (Some(user), Some(current)) = (request.viewer.user, request.viewer.session) else {
            return Err(ApiError::Unauthenticated);
        };
        let id = id.unwrap_or(current);
        let mut conn = request.conn().await?;
        let ended = domain::users::Session::log_out(&mut conn, user, (id, current), &request.act).await?;
        if ended.is_some() && id == current {
            ctx.data_unchecked::<SessionCookie>().clear();
        }
        let ended = ended.map(|session| Session { session, is_current: id == current });
        SessionPayload::of(ended.ok_or_else(|| UserError::not_found("id", "session").into()))
    }

    /// Ends all your sessions but the one of this request: you stay logged in here, and nowhere else.
    async fn sessions_delete_others(
        &self,
        ctx: &Context<'_>,
    ) -> Result<SessionsDeleteOthersPayload, ApiError> {
        let request = Request::of(ctx);
        let (Some(user), Some(current)) = (request.viewer.user, request.viewer.session) else {
            return Err(ApiError::Unauthenticated);
        };
        let mut conn = request.conn().await?;
        let ended = domain::users::Session::end_others(&mut conn, user, current, &request.act).await?;
        Ok(SessionsDeleteOthersPayload { ended, user_errors: Vec::new() })
    }
}

impl From<LogInError> for Refusal {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Refused => {
                let sentence = "The address or the password is wrong, or the address is not confirmed yet: then \
                                look for our email.";
                UserError::new(UserErrorCode::Invalid, sentence).into()
            }
            LogInError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            LogInError::Database(error) => error.into(),
        }
    }
}
