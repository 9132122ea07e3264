//! The team: members, their roles, invites, and who is asking.

mod enums;
mod inputs;
mod invite;
mod invites;
mod loader;
mod member;
mod members;
mod role;
mod viewer;

use async_graphql::{Context, Object};
use domain::team::Membership;
pub use enums::{InviteDelivery, InviteOutcome, InviteStatus};
pub use inputs::{InviteAcceptInput, InviteCreateInput, MemberInput};
pub use invite::{Invite, InvitePreview, InviteResult};
pub use invites::{InviteAcceptPayload, InviteCreatePayload, InviteMutation, InvitePayload};
pub use member::Member;
pub use members::{MemberMutation, MemberPayload};
pub use role::Role;
pub use viewer::Viewer;

use super::{connection::connection, context::Request, error::ApiError};

connection!(
    /// Invites to the team, newest first.
    InviteConnection, InviteEdge, Invite, domain::team::invites::Invite, |row| row.id
);

connection!(
    /// Members of an account, oldest first.
    MemberConnection, MemberEdge, Member, Membership, |row| row.member.id
);

/// What can be asked about the team and about oneself.
#[derive(Default)]
pub struct TeamQuery;

#[Object]
impl TeamQuery {
    /// Public. Who is asking, and what they may do; null for nobody.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        Request::of(ctx).viewer.actor.map(Viewer)
    }

    /// Public: the token is the credential. What the link of an invite leads to; null for a token that is none, or whose
    /// link was replaced by a newer one.
    async fn invite_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `token` of the link.", secret)] token: String,
    ) -> Result<Option<InvitePreview>, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let found = domain::team::invites::Invite::preview(&mut conn, &token, request.act.now).await?;
        Ok(found.map(InvitePreview::from))
    }
}
