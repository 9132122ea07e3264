//! The team: members, their roles, and who is asking.

mod member;
mod role;
mod viewer;

use async_graphql::{Context, Object};
use domain::team::Membership;
pub use member::Member;
pub use role::Role;
pub use viewer::Viewer;

use super::{connection::connection, context::Request};

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
}
