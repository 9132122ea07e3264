use std::collections::HashMap;

use async_graphql::dataloader;
use domain::team::Membership;
use ids::{InviteId, MemberId};

use super::{Invite, Member};
use crate::graphql::{context::Loader, error::ApiError, loading::load_by_id};

load_by_id!(InviteId => Invite of domain::team::invites::Invite);

impl dataloader::Loader<MemberId> for Loader {
    type Value = Member;
    type Error = ApiError;

    async fn load(&self, ids: &[MemberId]) -> Result<HashMap<MemberId, Member>, ApiError> {
        let mut conn = self.db.get().await?;
        let members = domain::team::Member::find_all(&mut conn, &self.scope, ids).await?;
        let Some(account) = domain::accounts::Account::of_scope(&mut conn, &self.scope).await? else {
            return Ok(HashMap::new());
        };
        let of = |member: domain::team::Member| {
            (member.id, Member(Membership { member, account: account.clone() }))
        };
        Ok(members.into_iter().map(of).collect())
    }
}
