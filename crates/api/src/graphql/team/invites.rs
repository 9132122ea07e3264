//! Mutations of invites.

use async_graphql::{Context, Object, SimpleObject};
use domain::team::invites::{
    AcceptError, Acceptance, InviteCreateError, InviteResendError, InviteRevokeError, NewInvites, SENDS,
};
use ids::InviteId;
use serde_json::json;

use super::{
    Invite, InviteResult, Member,
    inputs::{InviteAcceptInput, InviteCreateInput},
    members::of_grant,
};
use crate::{
    auth::Gate,
    graphql::{
        context::Request,
        error::{ApiError, Refusal, UserError, UserErrorCode},
        guard::{Needs, Permission, needs},
        payload::payload,
        sessions::{Session, SessionPayload},
        users::of_password,
    },
    http::RequestInfo,
};

payload!(
    /// What a mutation of an invite answers.
    InvitePayload {
        /// The invite as it is now; null when nothing was done.
        invite: Invite
    }
);

/// What `inviteCreate` answers.
#[derive(SimpleObject)]
pub struct InviteCreatePayload {
    /// What became of each address, in the order said; empty when nothing was done.
    pub results: Vec<InviteResult>,
    /// What is wrong with the input, e.g. at `["input", "emails", "17"]`; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What `inviteAccept` answers.
#[derive(SimpleObject)]
pub struct InviteAcceptPayload {
    /// Your place in the account; null when nothing was done.
    pub member: Option<Member>,
    /// The session of a new user, its token in the cookie; null for whoever was logged in.
    pub session: Option<Session>,
    /// What is wrong with the input; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What can be done with invites.
#[derive(Default)]
pub struct InviteMutation;

#[Object]
impl InviteMutation {
    /// Invites up to 500 people to the team; the emails follow. A bad address refuses them all; those of members and of
    /// people who are invited already are told and keep nobody else from being invited, so the call can be repeated. An account
    /// invites no more people within a day than the instance allows (1,000 unless it says otherwise): LIMIT_EXCEEDED then, for
    /// the whole call, and `details` tell the `limit` and how many are `left`.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn invite_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and to what.")] input: InviteCreateInput,
    ) -> Result<InviteCreatePayload, ApiError> {
        let (request, gate) = (Request::of(ctx), Gate::of(ctx));
        let new = match NewInvites::try_from(input) {
            Ok(new) => new,
            Err(error) => return Ok(InviteCreatePayload { results: Vec::new(), user_errors: vec![error] }),
        };
        let by = (request.scope()?, request.viewer.permissions());
        let mut conn = request.conn().await?;
        let rules = (&gate.secrets, gate.invites_per_day);
        let done = domain::team::invites::Invite::create(&mut conn, by, &new, rules, &request.act).await;
        match done.map_err(Refusal::from) {
            Ok(invited) => Ok(InviteCreatePayload {
                results: invited.into_iter().map(InviteResult::from).collect(),
                user_errors: Vec::new(),
            }),
            Err(Refusal::User(user_errors)) => Ok(InviteCreatePayload { results: Vec::new(), user_errors }),
            Err(Refusal::Api(error)) => Err(error),
        }
    }

    /// Sends a pending or expired invite again, with a new link that works for seven days; the link before is dead. At most
    /// once a minute, ten times in all, and ten emails to one address within a day: `details.retryAfter` tells how many
    /// seconds to wait.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn invite_resend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`inv_...`")] id: InviteId,
    ) -> Result<InvitePayload, ApiError> {
        let (request, secrets) = (Request::of(ctx), &Gate::of(ctx).secrets);
        let by = (request.scope()?, request.viewer.permissions());
        let mut conn = request.conn().await?;
        let sent = domain::team::invites::Invite::resend(&mut conn, by, id, secrets, &request.act).await;
        InvitePayload::of(sent.map_err(|error| resend_refusal(error, request.act.now)))
    }

    /// Takes a pending invite back: its link is dead.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn invite_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`inv_...`")] id: InviteId,
    ) -> Result<InvitePayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let by = (request.scope()?, request.viewer.permissions());
        InvitePayload::of(domain::team::invites::Invite::revoke(&mut conn, by, id, &request.act).await)
    }

    /// Public: the token is the credential. Accepts an invite, once. Somebody without a user gives a name and a password
    /// and is logged in; the link proves the address. Whoever has a user logs in first: LOG_IN_REQUIRED says so.
    async fn invite_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token, and who you are.")] input: InviteAcceptInput,
    ) -> Result<InviteAcceptPayload, ApiError> {
        let (request, info) = (Request::of(ctx), ctx.data_unchecked::<RequestInfo>());
        let gate = Gate::of(ctx);
        gate.count_log_in(info, &input.token).await?;
        let said = Acceptance {
            token: input.token,
            name: input.name,
            password: input.password,
            viewer: request.viewer.user,
            user_agent: info.user_agent.clone(),
            admits_new_users: gate.registration.admits_invited(),
        };
        let accepted =
            domain::team::invites::Invite::accept(&request.db, &gate.passwords, &said, &request.act).await;
        match accepted.map_err(Refusal::from) {
            Ok(accepted) => {
                let session = accepted.opened.map(|opened| SessionPayload::keep(ctx, opened));
                let member = Some(accepted.membership.into());
                Ok(InviteAcceptPayload { member, session, user_errors: Vec::new() })
            }
            Err(Refusal::User(user_errors)) => {
                Ok(InviteAcceptPayload { member: None, session: None, user_errors })
            }
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

impl From<InviteCreateError> for Refusal {
    fn from(error: InviteCreateError) -> Self {
        match error {
            InviteCreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            InviteCreateError::Grant(error) => of_grant(error, &["input"]).into(),
            InviteCreateError::TooMany { most, left } => {
                let sentence = format!(
                    "An account invites at most {most} people within a day here, and this one may still invite {left}."
                );
                let details = Some(async_graphql::Json(json!({ "limit": most, "left": left })));
                let path = &["input", "emails"];
                UserError { details, ..UserError::at(path, UserErrorCode::LimitExceeded, sentence) }.into()
            }
            InviteCreateError::Database(error) => error.into(),
        }
    }
}

fn resend_refusal(error: InviteResendError, now: chrono::DateTime<chrono::Utc>) -> Refusal {
    use UserErrorCode::LimitExceeded;
    match error {
        InviteResendError::NotFound => UserError::not_found("id", "invite").into(),
        InviteResendError::WrongState { current } => UserError::wrong_state("invite", current).into(),
        InviteResendError::TooSoon { again_at } => {
            let seconds = (again_at - now).num_seconds().max(1);
            let sentence = format!("It was sent less than a minute ago. Try again in {seconds} s.");
            let details = Some(async_graphql::Json(json!({ "retryAfter": seconds })));
            UserError { details, ..UserError::new(LimitExceeded, sentence) }.into()
        }
        InviteResendError::TooOften => {
            let sentence = format!("It was sent {SENDS} times already: revoke it, and invite again.");
            UserError::new(LimitExceeded, sentence).into()
        }
        InviteResendError::Limited => {
            let sentence = format!("{SENDS} emails went to this address within a day: try again later.");
            UserError::new(LimitExceeded, sentence).into()
        }
        InviteResendError::Taken => {
            UserError::new(UserErrorCode::Taken, "The address has another pending invite.").into()
        }
        InviteResendError::Member => {
            UserError::new(UserErrorCode::Taken, "The address is that of a member.").into()
        }
        InviteResendError::Grant(error) => of_grant(error, &[]).into(),
        InviteResendError::Database(error) => error.into(),
    }
}

impl From<InviteRevokeError> for Refusal {
    fn from(error: InviteRevokeError) -> Self {
        match error {
            InviteRevokeError::NotFound => UserError::not_found("id", "invite").into(),
            InviteRevokeError::WrongState { current } => UserError::wrong_state("invite", current).into(),
            InviteRevokeError::BeyondReach => {
                let sentence = "The invite is to a role that may do more than you may.";
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            InviteRevokeError::Database(error) => error.into(),
        }
    }
}

impl From<AcceptError> for Refusal {
    fn from(error: AcceptError) -> Self {
        use UserErrorCode as C;
        let (code, sentence) = match error {
            AcceptError::NotFound => {
                let sentence =
                    "This link is of no invite, or a newer one replaced it. Look for our latest email.";
                return UserError::at(&["input", "token"], C::NotFound, sentence).into();
            }
            AcceptError::WrongState { current } => return UserError::wrong_state("invite", current).into(),
            AcceptError::Invalid { fields, password } => {
                let mut errors = UserError::of_fields(&fields);
                errors.extend(password.map(|problem| of_password(problem, &["input", "password"])));
                return Self::User(errors);
            }
            AcceptError::Overloaded(_) => return Self::Api(ApiError::Overloaded),
            AcceptError::Database(error) => return error.into(),
            AcceptError::Expired => (C::InviteExpired, "This invite has expired. Ask for another."),
            AcceptError::LogInFirst => (C::LogInRequired, "The address has a user: log in, then accept."),
            AcceptError::SomebodyElse => (
                C::Forbidden,
                "You are logged in with another address than the one that was invited. Log out first.",
            ),
            AcceptError::Disabled => (C::Forbidden, "The user of this address may not log in any more."),
            AcceptError::Closed => (C::Forbidden, "This instance takes no new users."),
        };
        UserError::new(code, sentence).into()
    }
}
