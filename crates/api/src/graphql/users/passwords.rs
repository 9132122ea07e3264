//! Mutations of passwords.

use async_graphql::{Context, Object, SimpleObject};
use domain::users::{
    self,
    password::{ChangePasswordError, PasswordChange, RequestResetError, ResetError},
};

use super::{UserLoader, UserPayload, of_password};
use crate::{
    auth::Gate,
    graphql::{
        context::Request,
        error::{ApiError, Refusal, UserError, UserErrorCode},
        sessions::SessionPayload,
    },
    http::RequestInfo,
};

/// What `passwordResetRequest` answers: the same, whether the address is known or not.
#[derive(SimpleObject)]
pub struct PasswordResetRequestPayload {
    /// Whether the request was accepted. Look into your mail then: a link comes if the address is that of a user.
    pub email_sent: bool,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What can be done about passwords.
#[derive(Default)]
pub struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Public. Sends a link to another password, which works once and for an hour; a link from before ends. Always answers
    /// the same, whether the address is known or not. At most five emails an hour go to one address.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address to log in with, in any case.")] email: String,
    ) -> Result<PasswordResetRequestPayload, ApiError> {
        let (request, gate) = (Request::of(ctx), Gate::of(ctx));
        gate.count_mail(ctx.data_unchecked::<RequestInfo>(), &email).await?;
        let asked = users::User::request_password_reset(&request.db, gate.keys(), &email, &request.act).await;
        match asked.map_err(Refusal::from) {
            Ok(()) => Ok(PasswordResetRequestPayload { email_sent: true, user_errors: Vec::new() }),
            Err(Refusal::User(user_errors)) => {
                Ok(PasswordResetRequestPayload { email_sent: false, user_errors })
            }
            Err(Refusal::Api(error)) => Err(error),
        }
    }

    /// Public: the token is the credential. Sets another password by the token of the link in its email, once. Ends all your
    /// sessions, opens a new one and sets its cookie. The link proves the address too.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `token` of the link.", secret)] token: String,
        #[graphql(desc = "10 to 200 characters, and not the address.", secret)] password: String,
    ) -> Result<SessionPayload, ApiError> {
        let (request, info) = (Request::of(ctx), ctx.data_unchecked::<RequestInfo>());
        let gate = Gate::of(ctx);
        gate.count_log_in(info, &token).await?;
        let (agent, said) = (info.user_agent.as_deref(), (token.as_str(), password.as_str()));
        let opened =
            users::User::reset_password(&request.db, &gate.passwords, said, agent, &request.act).await;
        SessionPayload::opened(ctx, opened)
    }

    /// Sets another password for whoever knows the present one. Ends all your sessions but this one. Tries count as attempts
    /// to log in.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password.", secret)] current: String,
        #[graphql(desc = "10 to 200 characters, and not the address.", secret)] new: String,
    ) -> Result<UserPayload, ApiError> {
        let (request, gate) = (Request::of(ctx), Gate::of(ctx));
        let (Some(user_id), Some(session_id)) = (request.viewer.user, request.viewer.session) else {
            return Err(ApiError::Unauthenticated);
        };
        let user = UserLoader::load(ctx, user_id).await?.ok_or(ApiError::Unauthenticated)?;
        // A stolen session is of no more use for guessing than none.
        gate.count_log_in(ctx.data_unchecked::<RequestInfo>(), &user.0.email).await?;
        let said = PasswordChange { user_id, session_id, current, new };
        let (db, act) = (&request.db, &request.act);
        UserPayload::of(users::User::change_password(db, &gate.passwords, &said, act).await)
    }
}

impl From<RequestResetError> for Refusal {
    fn from(error: RequestResetError) -> Self {
        match error {
            RequestResetError::Invalid(problem) => Self::User(UserError::of_fields_under(&[], &[problem])),
            RequestResetError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            RequestResetError::Database(error) => error.into(),
        }
    }
}

impl From<ResetError> for Refusal {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::InvalidToken => {
                let sentence =
                    "This link was used, has expired or was replaced by a newer one. Ask for another.";
                UserError::at(&["token"], UserErrorCode::Invalid, sentence).into()
            }
            ResetError::Invalid(problem) => of_password(problem, &["password"]).into(),
            ResetError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            ResetError::Database(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Refusal {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => {
                UserError::at(&["current"], UserErrorCode::Invalid, "This is not your password.").into()
            }
            ChangePasswordError::Invalid(problem) => of_password(problem, &["new"]).into(),
            ChangePasswordError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            ChangePasswordError::Database(error) => error.into(),
        }
    }
}
