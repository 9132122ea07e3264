use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{MemberId, UserId};

use super::{
    Member, MemberError, Permission,
    grantor::{self, Grantor},
    grants,
};
use crate::{
    act::{Act, Actor},
    audit,
    events::{self, EventKind},
    schema::{member_programs, members},
    scope::AccountScope,
};

impl Member {
    /// Removes a member, from their next request on. In the same transaction the keys and pending invites that they made
    /// are revoked, and what those keys made. Answers with the member as they were.
    ///
    /// # Errors
    /// [`MemberError`].
    pub async fn remove(
        conn: &mut AsyncPgConnection,
        (scope, held): (&AccountScope, &[Permission]),
        id: MemberId,
        act: &Act,
    ) -> Result<Self, MemberError> {
        conn.transaction(async |conn| {
            grantor::lock(conn, scope.account_id).await?;
            let grantor = Grantor::now(conn, scope, held, act).await?;
            let member = Self::find_all(conn, scope, &[id]).await?.pop().ok_or(MemberError::NotFound)?;
            member.is_in_reach_of(&grantor)?;
            member.end(conn, "memberRemove", act).await
        })
        .await
    }

    /// Ends the membership of a user in the account of the scope, by their own wish: nobody must ask for leave.
    ///
    /// # Errors
    /// [`MemberError`]; an owner cannot leave unless there is another.
    pub async fn leave(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        user_id: UserId,
        act: &Act,
    ) -> Result<Self, MemberError> {
        conn.transaction(async |conn| {
            grantor::lock(conn, scope.account_id).await?;
            let member = Self::find(conn, scope.account_id, user_id).await?.ok_or(MemberError::NotFound)?;
            member.end(conn, "memberLeave", act).await
        })
        .await
    }

    async fn end(self, conn: &mut AsyncPgConnection, action: &str, act: &Act) -> Result<Self, MemberError> {
        use member_programs as p;
        self.is_not_the_last_owner(conn).await?;
        let limits = p::table.filter(p::account_id.eq(self.account_id)).filter(p::member_id.eq(self.id));
        diesel::delete(limits).execute(conn).await?;
        let own =
            members::table.filter(members::account_id.eq(self.account_id)).filter(members::id.eq(self.id));
        diesel::delete(own).execute(conn).await?;
        let maker = (self.account_id, Actor::User(self.user_id));
        grants::end_beyond(conn, maker, None, action, act).await?;
        audit::record(conn, act, self.account_id, action, self.id, (Some(&self), None)).await?;
        events::record(conn, act, &[self.event(EventKind::MemberRemoved)]).await?;
        Ok(self)
    }
}
