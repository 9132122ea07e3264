//! What people do with queues and jobs, and with more rewards than one call decides about. Operators of the instance reach every job, and the queues; a member reaches the jobs
//! of one account. Whatever they change is in the audit trail: of the job's account, or else of the instance.

mod jobs;
mod operation;
mod queues;
mod retry;
mod retry_many;
mod review_many;

use ids::AccountId;

pub use jobs::{RetryDeadJobs, ReviewRewards};
pub use operation::{Operation, OperationKind, OperationState};
pub use queues::{pause, resume};
pub use retry::{JobError, cancel, retry};
pub use retry_many::{Batch, RETRY_BATCH, Retried, retry_dead, retry_dead_batch};
pub use review_many::{REVIEW_BATCH, Reviewed, review_rewards, review_rewards_batch};

/// Whose jobs are in reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobScope {
    /// All of the instance, the system's among them: an operator's.
    Instance,
    /// Those of one account.
    Account(AccountId),
    /// None: an account's jobs belong to no program, so that who is limited to some programs sees none of them.
    Nothing,
}

impl JobScope {
    /// The account that rows must belong to; no limit for operators.
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account_id) => Some(account_id),
            Self::Instance | Self::Nothing => None,
        }
    }
}
