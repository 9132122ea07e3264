use std::time::Duration;

use ids::{AccountId, PayoutBatchId, PayoutResultsId, PayoutSubmissionId};
use queue::{Job, Queue, Retry};
use serde::{Deserialize, Serialize};

/// Freezes the next range of a draft, and goes on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeBatch {
    /// The tenant.
    pub account_id: AccountId,
    /// The batch.
    pub batch_id: PayoutBatchId,
}

impl Job for FreezeBatch {
    const KIND: &'static str = "payouts.freeze_batch";
    const QUEUE: Queue = Queue::Payouts;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.batch_id.to_string())
    }
}

/// Cuts the next submission of a batch that is executed, and goes on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecuteBatch {
    /// The tenant.
    pub account_id: AccountId,
    /// The batch.
    pub batch_id: PayoutBatchId,
}

impl Job for ExecuteBatch {
    const KIND: &'static str = "payouts.execute_batch";
    const QUEUE: Queue = Queue::Payouts;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.batch_id.to_string())
    }
}

/// Gives back the next range of a batch that was cancelled, and goes on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelBatch {
    /// The tenant.
    pub account_id: AccountId,
    /// The batch.
    pub batch_id: PayoutBatchId,
}

impl Job for CancelBatch {
    const KIND: &'static str = "payouts.cancel_batch";
    const QUEUE: Queue = Queue::Payouts;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.batch_id.to_string())
    }
}

/// The longest that a run may take that calls a provider for a whole submission.
const MOST_TIME: Duration = Duration::from_secs(300);

/// Asks the provider to pay a submission, or looks up what became of an earlier time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitPayouts {
    /// The tenant.
    pub account_id: AccountId,
    /// The submission.
    pub submission_id: PayoutSubmissionId,
}

impl Job for SubmitPayouts {
    const KIND: &'static str = "payouts.submit";
    const QUEUE: Queue = Queue::Payouts;
    const MAX_RUN: Duration = MOST_TIME;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.submission_id.to_string())
    }
}

/// Has the provider cancel what it made of a submission that it refused, and gives its payouts back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbandonSubmission {
    /// The tenant.
    pub account_id: AccountId,
    /// The submission.
    pub submission_id: PayoutSubmissionId,
}

impl Job for AbandonSubmission {
    const KIND: &'static str = "payouts.abandon_submission";
    const QUEUE: Queue = Queue::Payouts;
    const MAX_RUN: Duration = MOST_TIME;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.submission_id.to_string())
    }
}

/// Asks the provider what became of the payouts of a submission, until each has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollSubmission {
    /// The tenant.
    pub account_id: AccountId,
    /// The submission.
    pub submission_id: PayoutSubmissionId,
    /// How often it was asked in a row without news: the pauses grow by it.
    #[serde(default)]
    pub quiet: u32,
    /// Whether the provider said that there is news. Such a one waits for none that was put off.
    #[serde(default)]
    pub told: bool,
}

impl Job for PollSubmission {
    const KIND: &'static str = "payouts.poll";
    const QUEUE: Queue = Queue::Payouts;
    const RETRY: Retry = Retry { max_attempts: 100, cap: Duration::from_secs(3_600) };
    const MAX_RUN: Duration = MOST_TIME;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        let id = self.submission_id;
        Some(if self.told { format!("{id}:told") } else { id.to_string() })
    }
}

/// Makes the file of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteSubmissionFile {
    /// The tenant.
    pub account_id: AccountId,
    /// The submission.
    pub submission_id: PayoutSubmissionId,
}

impl Job for WriteSubmissionFile {
    const KIND: &'static str = "payouts.write_file";
    const QUEUE: Queue = Queue::Payouts;
    const SERIAL: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(self.submission_id.to_string())
    }
}

/// Reads a file of results, and settles what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadResults {
    /// The tenant.
    pub account_id: AccountId,
    /// What was brought.
    pub results_id: PayoutResultsId,
}

impl Job for ReadResults {
    const KIND: &'static str = "payouts.read_results";
    const QUEUE: Queue = Queue::Payouts;

    fn unique_key(&self) -> Option<String> {
        Some(self.results_id.to_string())
    }
}

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
