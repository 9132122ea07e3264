use async_graphql::Enum;

/// Over what a batch is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::Rail")]
pub enum PayoutRail {
    /// PayPal's Payouts API: PAYPAL methods. PayPal says what became of each payout.
    Paypal,
    /// Wise's API: WISE methods to an email address or an IBAN. Wise says what became of each payout.
    Wise,
    /// A SEPA credit transfer file (pain.001.001.09) for your bank: BANK methods with an IBAN of the SEPA countries, euro alone.
    SepaFile,
    /// A file for PayPal's mass payments: PAYPAL methods.
    PaypalFile,
    /// A file for Wise's batch payments: WISE methods to an email address or an IBAN.
    WiseFile,
    /// A file that lists what is to be paid, for whatever pays it: all methods.
    File,
    /// Credit that your shop gives as soon as it hears of the payouts by their events: STORE_CREDIT methods. They are PAID at once.
    StoreCredit,
    /// By hand, by the list of the submission's `file`, each marked with `payoutMarkPaid`: CRYPTO and MANUAL methods.
    Manual,
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::BatchStatus")]
pub enum PayoutBatchStatus {
    /// Its payouts are being made; a moment later payouts and total are fixed.
    Draft,
    /// Fixed, and waits for another person: `payoutBatchApprove`.
    AwaitingApproval,
    /// Can be executed: `payoutBatchExecute`.
    Approved,
    /// Its payouts are on their way.
    Executing,
    /// Each of its payouts was paid. One that comes back later makes it PARTLY_FAILED.
    Completed,
    /// Each of its payouts has ended, and not all were paid: `payoutBatchRetry` tries those again that failed.
    PartlyFailed,
    /// Nothing was paid; everything is available again. Also when there was nothing to pay.
    Cancelled,
}

/// Who made a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::BatchOrigin")]
pub enum PayoutBatchOrigin {
    /// A person or a key: `payoutBatchCreate`.
    Manual,
    /// The schedule of the program's policy.
    Schedule,
    /// Somebody who tries failed payouts of another batch again: `payoutBatchRetry`.
    Retry,
}

/// What can be done with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::PayoutBatchAction")]
pub enum PayoutBatchAction {
    /// `payoutBatchApprove`
    Approve,
    /// `payoutBatchExecute`
    Execute,
    /// `payoutBatchCancel`
    Cancel,
    /// `payoutBatchRetry`
    Retry,
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::SubmissionStatus")]
pub enum PayoutSubmissionStatus {
    /// Nobody was asked to pay it yet, or its file is being made.
    Pending,
    /// The provider is being asked.
    InFlight,
    /// Nobody answered: whether it was accepted is looked up before it is sent again.
    Unknown,
    /// The provider refused it as a whole and paid nothing; its payouts keep their amounts. `payoutSubmissionRetry` sends it again,
    /// `payoutBatchCancel` gives its amounts back.
    Refused,
    /// The provider has it, the file was made, or people pay it by hand; its payouts end one by one.
    Accepted,
    /// Each of its payouts has ended.
    Done,
    /// It was refused and its batch cancelled: what the provider made of it is being cancelled there, then its amounts are given
    /// back. `payoutSubmissionRetry` goes on with that if its job has given up.
    Abandoning,
    /// Its payouts were cancelled after it had been refused.
    Cancelled,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::AttemptOutcome")]
pub enum PayoutAttemptOutcome {
    /// It has no answer yet.
    InFlight,
    /// The provider accepted it.
    Succeeded,
    /// The provider refused it, or never got it.
    Failed,
    /// Nobody answered.
    Unknown,
}

/// How far a file of results is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_batches::ResultsStatus")]
pub enum PayoutResultsStatus {
    /// A job will read it.
    Pending,
    /// It was read: what could be used has had its effect.
    Read,
    /// It is no file of results, or no key opens it any more, as `problems` says. What `settled` counts stays so.
    Refused,
}
