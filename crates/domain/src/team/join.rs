use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{MemberId, ProgramId, UserId};
use serde::Serialize;

use super::{Member, NewMember, Role};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind, NewEvent},
    schema::{member_programs, members},
};

/// What events of a member say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberPayload {
    /// The membership.
    pub member_id: MemberId,
    /// The person.
    pub user_id: UserId,
    /// What they may do; of somebody who was removed, what they could do.
    pub role: Role,
}

impl Member {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = MemberPayload { member_id: self.id, user_id: self.user_id, role: self.role };
        NewEvent::of_account(self.account_id, kind, self.id, &payload)
    }
}

impl NewMember {
    /// Makes the user a member, limited to these programs (none means all), in the caller's transaction; answers who is a
    /// member already as they are.
    ///
    /// # Errors
    /// The database's.
    pub async fn join(
        &self,
        conn: &mut AsyncPgConnection,
        programs: &[ProgramId],
        action: &str,
        act: &Act,
    ) -> QueryResult<Member> {
        let inserted = diesel::insert_into(members::table)
            .values(self)
            .on_conflict((members::account_id, members::user_id))
            .do_nothing()
            .execute(conn)
            .await?;
        if inserted == 1 {
            limit(conn, self.account_id, self.id, programs).await?;
        }
        let member = Member::find(conn, self.account_id, self.user_id).await?;
        let member = member.ok_or(diesel::result::Error::NotFound)?;
        if inserted == 1 {
            audit::record(conn, act, member.account_id, action, member.id, (None, Some(&member))).await?;
            events::record(conn, act, &[member.event(EventKind::MemberJoined)]).await?;
        }
        Ok(member)
    }
}

/// Limits a member to these programs; none is no limit.
pub(super) async fn limit(
    conn: &mut AsyncPgConnection,
    account_id: ids::AccountId,
    member_id: MemberId,
    programs: &[ProgramId],
) -> QueryResult<()> {
    use member_programs as p;
    let rows: Vec<_> = programs
        .iter()
        .map(|id| (p::account_id.eq(account_id), p::member_id.eq(member_id), p::program_id.eq(*id)))
        .collect();
    if !rows.is_empty() {
        diesel::insert_into(p::table).values(rows).execute(conn).await?;
    }
    Ok(())
}
