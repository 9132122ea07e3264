//! What a member or a key granted ends when they could not grant it any more: keys and pending invites that they made, and what
//! the keys made. A key is as good as its maker's password, and an invite may lead to an address of their own.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;

use super::{
    Member, Permission,
    invites::{Invite, InviteStatus, revoke_all},
    lacking,
};
use crate::{
    act::{Act, Actor},
    api_keys::ApiKey,
    schema::{api_keys, invites},
    scope::AccountScope,
};

/// Revokes the keys and pending invites made by a user or a key of the account that go beyond what is `left` to them; none is
/// left to whoever is no member, and to a key that was revoked. Needs [`super::grantor::lock`].
pub(crate) async fn end_beyond(
    conn: &mut AsyncPgConnection,
    (account_id, maker): (AccountId, Actor),
    left: Option<&Member>,
    action: &str,
    act: &Act,
) -> QueryResult<()> {
    let is_beyond = |permissions: &[Permission], scope: &AccountScope| {
        left.is_none_or(|left| {
            !lacking(left.role.permissions(), permissions).is_empty() || !covers(&left.scope(), scope)
        })
    };
    let mut makers = vec![maker.to_string()];
    let keys = keys_made_by(conn, account_id, &mut makers).await?;
    let ending: Vec<ApiKey> = keys
        .into_iter()
        .filter(|key| key.revoked_at.is_none() && is_beyond(&key.permissions, &key.scope()))
        .collect();
    ApiKey::revoke_all(conn, &ending, action, act).await?;
    let mut pending: Vec<Invite> = invites::table
        .filter(invites::account_id.eq(account_id))
        .filter(invites::invited_by.eq_any(&makers))
        .filter(invites::status.eq(InviteStatus::Pending))
        .order(invites::id)
        .for_no_key_update()
        .select(Invite::as_select())
        .load(conn)
        .await?;
    pending.retain(|invite| is_beyond(invite.role.permissions(), &invite.scope()));
    revoke_all(conn, &pending, action, act).await?;
    Ok(())
}

/// Whether all that `inner` reaches is reached by `outer`.
fn covers(outer: &AccountScope, inner: &AccountScope) -> bool {
    match (outer.programs(), inner.programs()) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(_), Some(programs)) => programs.iter().all(|id| outer.allows(*id)),
    }
}

/// The keys made by these, by the keys that they made, and so on; the keys join the makers.
async fn keys_made_by(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    makers: &mut Vec<String>,
) -> QueryResult<Vec<ApiKey>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while from < makers.len() {
        let made: Vec<ApiKey> = api_keys::table
            .filter(api_keys::account_id.eq(account_id))
            .filter(api_keys::created_by.eq_any(&makers[from..]))
            .select(ApiKey::as_select())
            .load(conn)
            .await?;
        from = makers.len();
        makers.extend(made.iter().map(|key| Actor::ApiKey(key.id).to_string()));
        found.extend(made);
    }
    Ok(found)
}
