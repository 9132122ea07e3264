use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{MemberId, ProgramId};

use super::{
    GrantError, Member, Permission, Role,
    grantor::{self, Grantor},
    grants,
    join::limit,
};
use crate::{
    act::{Act, Actor},
    audit, db,
    events::{self, EventKind},
    schema::{member_programs, members},
    scope::AccountScope,
    text::{FieldProblem, TextProblem},
};

/// The most programs that a member may be limited to.
const MOST_PROGRAMS: usize = 100;

/// Changes of a member; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct MemberChanges {
    /// What they may do.
    pub role: Option<Role>,
    /// The programs that they are limited to, at most 100; empty means all.
    pub programs: Option<Vec<ProgramId>>,
}

/// Why a member was not changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such member of the account.
    #[error("no such member")]
    NotFound,
    /// The member may do more, or reaches further, than whoever asks.
    #[error("the member is beyond your reach")]
    BeyondReach,
    /// The account would be without an owner who can log in.
    #[error("the last owner")]
    LastOwner,
    /// Nobody grants what they lack.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Member {
    /// Changes role and programs of a member, from their next request on. Keys and pending invites of theirs that go beyond
    /// what they may do then are revoked.
    ///
    /// # Errors
    /// [`MemberError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        (scope, held): (&AccountScope, &[Permission]),
        id: MemberId,
        changes: &MemberChanges,
        act: &Act,
    ) -> Result<Self, MemberError> {
        let mut programs = changes.programs.clone();
        if let Some(programs) = &mut programs {
            programs.sort_unstable();
            programs.dedup();
            if programs.len() > MOST_PROGRAMS {
                let problem = TextProblem::TooLong { limit: MOST_PROGRAMS };
                return Err(MemberError::Invalid(vec![FieldProblem::of("programIds", problem)]));
            }
        }
        conn.transaction(async |conn| {
            grantor::lock(conn, scope.account_id).await?;
            let grantor = Grantor::now(conn, scope, held, act).await?;
            let before = Self::find_all(conn, scope, &[id]).await?.pop().ok_or(MemberError::NotFound)?;
            before.is_in_reach_of(&grantor)?;
            let role = changes.role.unwrap_or(before.role);
            let programs = programs.unwrap_or_else(|| before.programs.clone());
            if role == before.role && programs == before.programs {
                return Ok(before);
            }
            grantor.may_grant(role, &programs)?;
            if role != Role::Owner {
                before.is_not_the_last_owner(conn).await?;
            }
            let after = before.write(conn, role, &programs, act).await?;
            let maker = (after.account_id, Actor::User(after.user_id));
            grants::end_beyond(conn, maker, Some(&after), "memberUpdate", act).await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "memberUpdate", after.id, change).await?;
            events::record(conn, act, &[after.event(EventKind::MemberUpdated)]).await?;
            Ok(after)
        })
        .await
    }

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        role: Role,
        programs: &[ProgramId],
        act: &Act,
    ) -> Result<Self, MemberError> {
        if programs != self.programs {
            use member_programs as p;
            let own = p::table.filter(p::account_id.eq(self.account_id)).filter(p::member_id.eq(self.id));
            diesel::delete(own).execute(conn).await?;
            limit(conn, self.account_id, self.id, programs).await.map_err(|error| {
                match db::violated_constraint(&error) {
                    Some("member_programs_program_fkey") => GrantError::ProgramNotFound.into(),
                    _ => MemberError::from(error),
                }
            })?;
        }
        let own =
            members::table.filter(members::account_id.eq(self.account_id)).filter(members::id.eq(self.id));
        let row = diesel::update(own)
            .set((members::role.eq(role), members::updated_at.eq(act.now)))
            .returning(Self::as_returning());
        Ok(row.get_result(conn).await?)
    }

    /// A member is changed by those who may do all that the member may, in all the programs that the member reaches: a key
    /// that may change the team and nothing else leaves its admins alone.
    pub(super) fn is_in_reach_of(&self, grantor: &Grantor) -> Result<(), MemberError> {
        match grantor.holds(self.role.permissions()) && grantor.reaches(&self.programs) {
            true => Ok(()),
            false => Err(MemberError::BeyondReach),
        }
    }

    /// Whether the account has another owner who can log in. Needs [`grantor::lock`].
    pub(super) async fn is_not_the_last_owner(
        &self,
        conn: &mut AsyncPgConnection,
    ) -> Result<(), MemberError> {
        if self.role != Role::Owner {
            return Ok(());
        }
        let owners = Self::owners_of(conn, &[self.account_id]).await?;
        match owners.iter().any(|(_, user)| *user != self.user_id) {
            true => Ok(()),
            false => Err(MemberError::LastOwner),
        }
    }
}
