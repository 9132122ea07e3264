//! What users change about themselves.

use async_graphql::{Context, InputObject, Object};
use domain::users::{self, ProfileChanges, ProfileError};

use super::{UserLoader, UserPayload};
use crate::{
    auth::Gate,
    graphql::{
        context::Request,
        error::{ApiError, Refusal, UserError, UserErrorCode},
    },
    http::RequestInfo,
};

/// What you change about yourself; what is left out or null stays as it is.
#[derive(InputObject)]
pub struct ProfileInput {
    /// What people call you: at most 200 characters; empty for nothing.
    name: Option<String>,
    /// BCP 47 language tag, e.g. `en`; at most 35 characters.
    locale: Option<String>,
    /// Another address to log in with. A link goes there, and `emailVerify` with it and your password makes the change; until
    /// then nothing does. The present address is told.
    email: Option<String>,
    /// Your password, which another address needs.
    #[graphql(secret)]
    password: Option<String>,
}

impl From<ProfileInput> for ProfileChanges {
    fn from(input: ProfileInput) -> Self {
        Self { name: input.name, locale: input.locale, email: input.email, password: input.password }
    }
}

/// What users can do about themselves.
#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Changes your name, locale or address. Another address needs your password and counts once it is proven:
    /// `viewer.newEmail` shows it meanwhile, whether it is somebody else's or not.
    async fn profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ProfileInput,
    ) -> Result<UserPayload, ApiError> {
        let (request, gate) = (Request::of(ctx), Gate::of(ctx));
        let user_id = request.viewer.user.ok_or(ApiError::Unauthenticated)?;
        let user = UserLoader::load(ctx, user_id).await?.ok_or(ApiError::Unauthenticated)?;
        if let Some(email) = input.email.as_ref().filter(|email| !user.0.has_email(email)) {
            let info = ctx.data_unchecked::<RequestInfo>();
            gate.count_log_in(info, &user.0.email).await?;
            gate.count_mail(info, email).await?;
        }
        let (db, changes, act) = (&request.db, input.into(), &request.act);
        UserPayload::of(users::User::update_profile(db, gate.keys(), user_id, &changes, act).await)
    }
}

impl From<ProfileError> for Refusal {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            ProfileError::WrongPassword => {
                let sentence = "Another address needs your password, and this is not it.";
                UserError::at(&["input", "password"], UserErrorCode::Invalid, sentence).into()
            }
            ProfileError::NotFound => Self::Api(ApiError::Unauthenticated),
            ProfileError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            ProfileError::Database(error) => error.into(),
        }
    }
}
