use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::PartnerId;

use super::{Partner, PartnerAction, PartnerStatus};
use crate::{
    act::Act,
    audit,
    deltas::Added,
    events,
    programs::Program,
    schema::{partners, programs},
    scope::AccountScope,
    text::{self, TextProblem},
};

/// A change of a partner's state. A reason has 1 to 500 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition<'a> {
    /// A pending or rejected partner becomes one.
    Approve,
    /// A pending application is turned down.
    Reject {
        /// Why.
        reason: &'a str,
    },
    /// An approved partner earns nothing new.
    Suspend {
        /// Why.
        reason: &'a str,
    },
    /// A suspended partner earns again.
    Reinstate,
}

/// Why the state did not change.
#[derive(Debug, thiserror::Error)]
pub enum TransitionError {
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// The reason is refused.
    #[error("invalid reason")]
    Reason(TextProblem),
    /// The change does not start from the present state.
    #[error("the partner is {current}")]
    WrongState {
        /// Where the partner stands.
        current: PartnerStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Transition<'_> {
    fn parts(self) -> Result<(PartnerAction, Option<String>), TransitionError> {
        let (action, reason) = match self {
            Self::Approve => (PartnerAction::Approve, None),
            Self::Reject { reason } => (PartnerAction::Reject, Some(reason)),
            Self::Suspend { reason } => (PartnerAction::Suspend, Some(reason)),
            Self::Reinstate => (PartnerAction::Reinstate, None),
        };
        let reason = reason.map(|reason| text::line(reason, 500)).transpose();
        Ok((action, reason.map_err(TransitionError::Reason)?))
    }
}

impl Partner {
    /// Changes the state of the partner `id`.
    ///
    /// # Errors
    /// [`TransitionError`].
    pub async fn transition(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PartnerId,
        transition: Transition<'_>,
        act: &Act,
    ) -> Result<Self, TransitionError> {
        let (action, reason) = transition.parts()?;
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(TransitionError::NotFound)?;
            if !action.allowed_from(before.status) {
                return Err(TransitionError::WrongState { current: before.status });
            }
            let (status, kind, name) = action.outcome();
            let after: Self = diesel::update(partners::table.find(before.id))
                .set((
                    partners::status.eq(status),
                    partners::status_reason.eq(&reason),
                    partners::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            audit::record(conn, act, after.account_id, name, after.id, (Some(&before), Some(&after))).await?;
            events::record(conn, act, &[after.event(kind)]).await?;
            if action == PartnerAction::Approve {
                after.count_approval(conn, act).await?;
            }
            Ok(after)
        })
        .await
    }

    /// A partner is approved once in its life, and counted then.
    async fn count_approval(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        let program: Program =
            programs::table.find(self.program_id).select(Program::as_select()).first(conn).await?;
        let mut deltas = program.deltas();
        deltas.of_program(act.now, program.currency, Added { partners: 1, ..Added::default() });
        deltas.append(conn).await
    }
}
