use std::time::Duration;

use ids::{AccountId, PayoutBatchId, PayoutSubmissionId};
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

macro_rules! job_of_batch {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The tenant.
            pub account_id: AccountId,
            /// The batch.
            pub batch_id: PayoutBatchId,
        }

        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: Queue = Queue::Payouts;
            const SERIAL: bool = true;

            fn unique_key(&self) -> Option<String> {
                Some(self.batch_id.to_string())
            }
        }
    };
}

job_of_batch!(
    /// Freezes the next range of a draft, and goes on by itself.
    FreezeBatch, "payouts.freeze_batch"
);
job_of_batch!(
    /// Cuts the next submission of a batch that is executed, and goes on by itself.
    ExecuteBatch, "payouts.execute_batch"
);
job_of_batch!(
    /// Gives back the next range of a batch that was cancelled, and goes on by itself.
    CancelBatch, "payouts.cancel_batch"
);

macro_rules! job_of_submission {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $retry:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The tenant.
            pub account_id: AccountId,
            /// The submission.
            pub submission_id: PayoutSubmissionId,
        }

        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: Queue = Queue::Payouts;
            const RETRY: Retry = $retry;
            const MAX_RUN: Duration = Duration::from_secs(300);
            const SERIAL: bool = true;

            fn unique_key(&self) -> Option<String> {
                Some(self.submission_id.to_string())
            }
        }
    };
}

job_of_submission!(
    /// Asks the provider to pay a submission, or looks up what became of an earlier time.
    SubmitPayouts, "payouts.submit", Retry::DEFAULT
);
job_of_submission!(
    /// Asks the provider what became of the payouts of a submission, until each has ended.
    PollSubmission, "payouts.poll", Retry { max_attempts: 100, cap: Duration::from_secs(3_600) }
);
job_of_submission!(
    /// Makes the file of a submission.
    WriteSubmissionFile, "payouts.write_file", Retry::DEFAULT
);

/// Makes drafts of batches where a program's schedule is due.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DraftDueBatches {}

impl Job for DraftDueBatches {
    const KIND: &'static str = "payouts.draft_due";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some("all".to_owned())
    }
}
