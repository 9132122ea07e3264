//! Users: registration, the proof of an address, passwords and profiles.

mod actor;
mod loader;
mod object;
mod passwords;
mod profile;

pub use actor::{Actor, SystemActor};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::users::{PasswordProblem, RegisterError, Registration, VerifyError};
pub use loader::UserLoader;
pub use object::User;
pub use passwords::{PasswordMutation, PasswordResetRequestPayload};
pub use profile::{ProfileInput, ProfileMutation};

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    payload::payload,
    sessions::SessionPayload,
};
use crate::{auth::Gate, http::RequestInfo};

payload!(
    /// What a mutation of your user answers.
    UserPayload {
        /// You as you are now; null when nothing was done.
        user: User
    }
);

/// What a person says to register.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The address to log in with. A link is sent to it.
    email: String,
    /// 10 to 200 characters, and not the address.
    #[graphql(secret)]
    password: String,
    /// What people call you; at most 200 characters.
    name: Option<String>,
    /// The name of your account: that of your company or product; 1 to 200 characters.
    account_name: String,
}

impl From<RegisterInput> for Registration {
    fn from(input: RegisterInput) -> Self {
        Self {
            email: input.email,
            password: input.password,
            name: input.name,
            account_name: input.account_name,
        }
    }
}

/// What `userRegister` answers: the same, whether the address is known or not.
#[derive(SimpleObject)]
pub struct UserRegisterPayload {
    /// Whether the input was accepted. Look into your mail then: what comes there, if anything, depends on whether the
    /// address has an account already, which is nobody's business here.
    pub email_sent: bool,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

impl UserRegisterPayload {
    fn of(outcome: Result<(), Refusal>) -> Result<Self, ApiError> {
        match outcome {
            Ok(()) => Ok(Self { email_sent: true, user_errors: Vec::new() }),
            Err(Refusal::User(user_errors)) => Ok(Self { email_sent: false, user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

/// What can be done by people who are not logged in yet.
#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Public. Registers a person and their account, and sends a link to the address. Always answers the same; the link
    /// and the password open the first session. Of several registrations of an address the last one counts.
    async fn user_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who registers.")] input: RegisterInput,
    ) -> Result<UserRegisterPayload, ApiError> {
        let (request, gate) = (Request::of(ctx), Gate::of(ctx));
        if !gate.registration.admits_strangers() {
            let sentence = "Nobody can register on this instance without being invited.";
            let closed = UserError::new(UserErrorCode::Forbidden, sentence);
            return UserRegisterPayload::of(Err(closed.into()));
        }
        gate.count_mail(ctx.data_unchecked::<RequestInfo>(), &input.email).await?;
        let done = domain::users::User::register(&request.db, gate.keys(), &input.into(), &request.act).await;
        UserRegisterPayload::of(done.map_err(Refusal::from))
    }

    /// Public. Proves an address by the token of the link in its email and the password of whoever asked for it, once, and
    /// sets the session cookie: the address of a registration, or another one of a user (`profileUpdate`), which is the
    /// log-in from then on. The password keeps a link from activating the registration of somebody else.
    async fn email_verify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `token` of the link.", secret)] token: String,
        #[graphql(desc = "Your password: of a registration, the one that you registered with.", secret)]
        password: String,
    ) -> Result<SessionPayload, ApiError> {
        let (request, info) = (Request::of(ctx), ctx.data_unchecked::<RequestInfo>());
        let gate = Gate::of(ctx);
        gate.count_log_in(info, &token).await?;
        let (agent, said) = (info.user_agent.as_deref(), (token.as_str(), password.as_str()));
        let opened =
            domain::users::User::verify(&request.db, &gate.passwords, said, agent, &request.act).await;
        SessionPayload::opened(ctx, opened)
    }
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Invalid { fields, password } => {
                let mut errors = UserError::of_fields(&fields);
                errors.extend(password.map(|problem| of_password(problem, &["input", "password"])));
                Self::User(errors)
            }
            RegisterError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            RegisterError::Database(error) => error.into(),
        }
    }
}

/// A password that is refused, in the field at this path.
pub(super) fn of_password(problem: PasswordProblem, path: &[&str]) -> UserError {
    let (code, sentence) = match problem {
        PasswordProblem::TooShort { minimum } => {
            (UserErrorCode::Invalid, format!("At least {minimum} characters are needed."))
        }
        PasswordProblem::TooLong { limit } => {
            (UserErrorCode::TooLong, format!("At most {limit} characters are allowed."))
        }
        PasswordProblem::IsEmail => {
            (UserErrorCode::Invalid, "The password must not be the email address.".to_owned())
        }
    };
    UserError::at(path, code, sentence)
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::InvalidToken => {
                let sentence =
                    "This link was used, has expired or was replaced by a newer one. Log in to get another.";
                UserError::at(&["token"], UserErrorCode::Invalid, sentence).into()
            }
            VerifyError::WrongPassword => {
                let sentence = "This link belongs to somebody with another password. If you registered and did not choose \
                                it, register again; the new link will go with your password.";
                UserError::at(&["password"], UserErrorCode::Invalid, sentence).into()
            }
            VerifyError::Taken => {
                let sentence = "The address is that of another user by now.";
                UserError::at(&["token"], UserErrorCode::Taken, sentence).into()
            }
            VerifyError::Overloaded(_) => Self::Api(ApiError::Overloaded),
            VerifyError::Database(error) => error.into(),
        }
    }
}
