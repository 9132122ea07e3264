use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;

use super::{Program, ProgramStatus};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    schema::{programs, terms},
    scope::AccountScope,
};

/// A change of a program's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// A draft or paused program opens. Needs published terms.
    Activate,
    /// An active program stops attributing new customers.
    Pause,
    /// A program closes for good.
    Archive,
}

/// Why the state did not change.
#[derive(Debug, thiserror::Error)]
pub enum TransitionError {
    /// No such program in reach.
    #[error("no such program")]
    NotFound,
    /// The change does not start from the present state.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// A program without published terms promises nothing.
    #[error("the program has no published terms")]
    NoPublishedTerms,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Transition {
    fn allowed_from(self, status: ProgramStatus) -> bool {
        use ProgramStatus as S;
        match self {
            Self::Activate => matches!(status, S::Draft | S::Paused),
            Self::Pause => status == S::Active,
            Self::Archive => status != S::Archived,
        }
    }

    fn outcome(self) -> (ProgramStatus, EventKind, &'static str) {
        match self {
            Self::Activate => (ProgramStatus::Active, EventKind::ProgramActivated, "programActivate"),
            Self::Pause => (ProgramStatus::Paused, EventKind::ProgramPaused, "programPause"),
            Self::Archive => (ProgramStatus::Archived, EventKind::ProgramArchived, "programArchive"),
        }
    }
}

impl Program {
    /// Changes the state of the program `id`. Calls that have begun go by the state that they saw: a sale, customer or link
    /// in flight while a program is paused or archived still counts.
    ///
    /// # Errors
    /// [`TransitionError`].
    pub async fn transition(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ProgramId,
        transition: Transition,
        act: &Act,
    ) -> Result<Self, TransitionError> {
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(TransitionError::NotFound)?;
            if !transition.allowed_from(before.status) {
                return Err(TransitionError::WrongState { current: before.status });
            }
            if transition == Transition::Activate && !before.has_terms_of_its_own(conn).await? {
                return Err(TransitionError::NoPublishedTerms);
            }
            let (status, kind, action) = transition.outcome();
            let after: Self = diesel::update(programs::table.find(before.id))
                .set((programs::status.eq(status), programs::updated_at.eq(act.now)))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            audit::record(conn, act, after.account_id, action, after.id, (Some(&before), Some(&after)))
                .await?;
            events::record(conn, act, &[after.event(kind)]).await?;
            Ok(after)
        })
        .await
    }

    /// Whether there are published terms for everybody; overrides alone open nothing.
    async fn has_terms_of_its_own(&self, conn: &mut AsyncPgConnection) -> QueryResult<bool> {
        let published = terms::table
            .filter(terms::account_id.eq(self.account_id))
            .filter(terms::program_id.eq(self.id))
            .filter(terms::group_id.is_null().and(terms::partner_id.is_null()))
            .filter(terms::published_at.is_not_null());
        diesel::select(diesel::dsl::exists(published)).get_result(conn).await
    }

    pub(super) async fn has_published_terms(&self, conn: &mut AsyncPgConnection) -> QueryResult<bool> {
        let published = terms::table
            .filter(terms::account_id.eq(self.account_id))
            .filter(terms::program_id.eq(self.id))
            .filter(terms::published_at.is_not_null());
        diesel::select(diesel::dsl::exists(published)).get_result(conn).await
    }
}
