use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Invite, InviteStatus};
use crate::{
    accounts::{Account, AccountStatus},
    act::Actor,
    schema::{accounts, invites, users},
    team::Role,
    users::{User, UserStatus, token},
};

/// What whoever holds the link of an invite may know: they read the mail of its address.
#[derive(Debug, Clone)]
pub struct InvitePreview {
    /// The account that invites.
    pub account_name: String,
    /// Who invites; none if they gave no name, or it was a machine.
    pub inviter_name: Option<String>,
    /// The address that was invited.
    pub email: String,
    /// What whoever accepts may do.
    pub role: Role,
    /// Where it stands.
    pub status: InviteStatus,
    /// From when on the link no longer works.
    pub expires_at: DateTime<Utc>,
    /// Whether the address has a user already, who is to log in; otherwise a name and a password make one. None once there
    /// is nothing to accept.
    pub user_exists: Option<bool>,
}

impl Invite {
    /// The invite whose link has this token, with its account; `None` if there is none, or the account is not in use.
    pub(super) async fn of_token(
        conn: &mut AsyncPgConnection,
        presented: &str,
    ) -> QueryResult<Option<(Self, Account)>> {
        invites::table
            .inner_join(accounts::table)
            .filter(invites::token_hash.eq(token::hash(presented)))
            .filter(accounts::status.eq(AccountStatus::Active))
            .select((Self::as_select(), Account::as_select()))
            .first(conn)
            .await
            .optional()
    }

    /// What the link with this token leads to; `None` if it never was one, or was replaced by a newer one.
    ///
    /// # Errors
    /// The database's.
    pub async fn preview(
        conn: &mut AsyncPgConnection,
        presented: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<Option<InvitePreview>> {
        let Some((invite, account)) = Self::of_token(conn, presented).await? else { return Ok(None) };
        let status = invite.standing(now);
        let user_exists = match status {
            InviteStatus::Pending => {
                let user = User::find_by_email(conn, &invite.email).await?;
                Some(user.is_some_and(|user| user.status != UserStatus::Unverified))
            }
            _ => None,
        };
        let inviter_name = match invite.invited_by.parse() {
            Ok(Actor::User(id)) => {
                users::table.find(id).select(users::name).first::<String>(conn).await.optional()?
            }
            _ => None,
        };
        Ok(Some(InvitePreview {
            account_name: account.name,
            inviter_name: inviter_name.filter(|name| !name.is_empty()),
            email: invite.email,
            role: invite.role,
            status,
            expires_at: invite.expires_at,
            user_exists,
        }))
    }
}
