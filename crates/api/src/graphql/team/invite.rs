use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{act, team::invites::InvitePreview as Preview};

use super::{
    Role,
    enums::{InviteDelivery, InviteOutcome, InviteStatus},
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::{Program, in_reach},
    users::Actor,
};

/// Somebody who was asked to join the team.
#[derive(Clone)]
pub struct Invite(pub domain::team::invites::Invite);

impl From<domain::team::invites::Invite> for Invite {
    fn from(invite: domain::team::invites::Invite) -> Self {
        Self(invite)
    }
}

/// Somebody who was asked to join the team. The token of the link is shown to nobody: it exists in the email only, works
/// once and for seven days.
#[Object]
impl Invite {
    /// `inv_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The address that was invited, in lower case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Where it stands.
    async fn status(&self, ctx: &Context<'_>) -> InviteStatus {
        self.0.standing(Request::of(ctx).act.now).into()
    }

    /// What whoever accepts may do: at present always one role.
    async fn roles(&self) -> Vec<Role> {
        vec![self.0.role.into()]
    }

    /// Whether whoever accepts reaches all programs of the account, also those created later.
    async fn all_programs(&self) -> bool {
        self.0.programs.is_empty()
    }

    /// The programs that they will be limited to; see `allPrograms`.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>, ApiError> {
        in_reach(ctx, &self.0.programs).await
    }

    /// What the inviter says in the email.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Who answers for it: the inviter, or whoever sent it again last.
    async fn sent_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::resolve(ctx, self.0.invited_by.parse().unwrap_or(act::Actor::System)).await
    }

    /// From when on its link no longer works.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// What became of its latest email.
    async fn delivery(&self) -> InviteDelivery {
        self.0.delivery.into()
    }

    /// Why its email was not sent, the last time; without the address. Stays when a later attempt succeeds.
    async fn delivery_error(&self) -> Option<&str> {
        self.0.delivery_error.as_deref()
    }

    /// When the mail server took an email of it the last time.
    async fn last_sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_sent_at
    }

    /// How often its email was asked for, at most 10.
    async fn send_count(&self) -> i32 {
        self.0.send_count
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// What became of one address of `inviteCreate`.
#[derive(Clone, SimpleObject)]
pub struct InviteResult {
    /// The address, in lower case.
    pub email: String,
    /// What was done.
    pub outcome: InviteOutcome,
    /// Its pending invite; null for a member, for an address that gets no more, and if the invite reaches more programs than
    /// you do.
    pub invite: Option<Invite>,
}

impl From<domain::team::invites::Invited> for InviteResult {
    fn from(invited: domain::team::invites::Invited) -> Self {
        use domain::team::invites::InviteOutcome as O;
        let (outcome, invite) = match invited.outcome {
            O::Created(invite) => (InviteOutcome::Invited, Some(invite.into())),
            O::Pending(invite) => (InviteOutcome::AlreadyInvited, invite.map(Invite::from)),
            O::Member => (InviteOutcome::AlreadyMember, None),
            O::Limited => (InviteOutcome::Limited, None),
        };
        Self { email: invited.email, outcome, invite }
    }
}

/// What whoever holds the link of an invite may know.
#[derive(Clone, SimpleObject)]
pub struct InvitePreview {
    /// The account that invites.
    pub account_name: String,
    /// Who invites; null if a machine does, or they gave no name.
    pub inviter_name: Option<String>,
    /// The address that was invited.
    pub email: String,
    /// What whoever accepts may do: at present always one role.
    pub roles: Vec<Role>,
    /// Where it stands; only a pending one can be accepted.
    pub status: InviteStatus,
    /// From when on the link no longer works.
    pub expires_at: DateTime<Utc>,
    /// Whether the address has a user already, who logs in and then accepts; if not, a name and a password make one. Null
    /// when there is nothing to accept any more.
    pub user_exists: Option<bool>,
}

impl From<Preview> for InvitePreview {
    fn from(preview: Preview) -> Self {
        Self {
            account_name: preview.account_name,
            inviter_name: preview.inviter_name,
            email: preview.email,
            roles: vec![preview.role.into()],
            status: preview.status.into(),
            expires_at: preview.expires_at,
            user_exists: preview.user_exists,
        }
    }
}
