//! Payouts that are approved and executed together.
//!
//! A batch is a draft while its ranges are being frozen; then payouts, total and content hash are fixed. It is approved, by
//! another person than the one who prepared it where the program wants four eyes, executed against the total that somebody
//! confirms, and ends when each of its payouts has. What it pays over a provider is cut into submissions, each under one
//! reference for all attempts: what became of an attempt that nobody answered is looked up before there is another.

mod abandon;
mod action;
mod approve;
mod cancel;
mod create;
mod draft_due;
mod endings;
mod ends;
mod events;
mod execute;
mod find;
mod freeze;
mod jobs;
mod lock;
mod model;
mod news;
mod plan;
mod preview;
mod rail;
mod reading;
mod results;
mod retry;
mod retry_submission;
mod settle;
mod settle_by_hand;
mod submission;
mod submit;

pub use abandon::Abandoned;
pub use action::PayoutBatchAction;
pub use approve::ApproveError;
pub use cancel::CancelError;
pub use create::{CreateError, NewBatch};
pub use draft_due::{DRAFT_BATCH, draft_due_batches};
pub use events::PayoutBatchPayload;
pub use execute::{ExecuteError, Execution};
pub use find::PayoutBatchFilter;
pub use jobs::{
    AbandonSubmission, CancelBatch, DraftDueBatches, ExecuteBatch, FreezeBatch, PollSubmission, ReadResults,
    SubmitPayouts, WriteSubmissionFile,
};
pub use model::{BatchOrigin, BatchStatus, PayoutBatch};
pub use news::{NotBelieved, ProviderNews, SaidByProvider};
pub use plan::LeftOutPartner;
pub use preview::Preview;
pub use rail::Rail;
pub use reading::{Reading, WholeOrder};
pub use results::{PayoutResults, ResultsError, ResultsStatus};
pub use retry::{Retry, RetryError};
pub use retry_submission::RetrySubmissionError;
pub use settle::{Settlement, Verdict, settle};
pub use settle_by_hand::{HandError, settle_by_hand};
pub use submission::{Attempt, AttemptOutcome, PayoutSubmission, SubmissionStatus};
pub use submit::{Answer, Next};
