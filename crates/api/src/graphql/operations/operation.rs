use async_graphql::{Context, Enum, ID, Object, dataloader::DataLoader};
use chrono::{DateTime, Utc};

use super::{Job, JobLoader, load, loader::StateOf};
use crate::graphql::{
    error::ApiError,
    guard::{Needs, Permission, needs},
};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::operations::OperationKind")]
pub enum OperationKind {
    /// Dead jobs are retried: `jobsRetry`.
    JobsRetry,
    /// Rewards under review are approved: `rewardsApprove`.
    RewardsApprove,
    /// Rewards under review or held are rejected: `rewardsReject`.
    RewardsReject,
    /// Terms are run over recorded history: `termsSimulate`. What came of it is in `simulation`.
    TermsSimulate,
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::operations::OperationState")]
pub enum OperationState {
    /// A job goes on with it.
    Running,
    /// All of it is done.
    Done,
    /// The job that should go on was given up or cancelled. What was done stays; retrying that job goes on.
    Failed,
}

/// Work that somebody began and that jobs go on with, a batch at a time.
#[derive(Clone)]
pub struct Operation(pub domain::operations::Operation);

impl From<domain::operations::Operation> for Operation {
    fn from(operation: domain::operations::Operation) -> Self {
        Self(operation)
    }
}

/// Work that somebody began and that jobs go on with, a batch at a time.
#[Object]
impl Operation {
    /// `opr_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What is done.
    async fn kind(&self) -> OperationKind {
        self.0.kind.into()
    }

    /// Why; null of what needs no reason.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<OperationState, ApiError> {
        let state = match ctx.data::<DataLoader<JobLoader>>() {
            Ok(loader) => loader.load_one(StateOf(self.0.job_id)).await?,
            Err(_) => None,
        };
        Ok(self.0.state(state).into())
    }

    /// How many there were to do when it began, as far as counting went: it ends at 10,000, and looks through 10,000 jobs.
    /// Others may do some of them meanwhile: fewer are done then. Of a simulation all are counted, once it runs.
    async fn total(&self) -> i64 {
        self.0.total
    }

    /// Whether there may be more than were counted.
    async fn total_capped(&self) -> bool {
        self.0.total_capped
    }

    /// How many are done.
    async fn done(&self) -> i64 {
        self.0.done
    }

    /// The job that goes on with it, or the last one; null when it is out of reach or not kept any more.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>, ApiError> {
        load(ctx, self.0.job_id).await
    }

    /// Who began it: the id of a user or API key, or `system` for the command line.
    async fn started_by(&self) -> &str {
        &self.0.started_by
    }

    /// When it began.
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When its last batch was done.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// When all of it was done; null before.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
}
