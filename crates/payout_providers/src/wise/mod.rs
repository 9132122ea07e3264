//! Wise's Platform API: recipients, quotes, transfers in a batch group, and funding from the balance.
//!
//! A group is the draft of a submission: it is made first and named by the reference; then a transfer for each
//! payment is added, whose `customerTransactionId` follows from the payment's reference; then the group is completed
//! and funded, which is the only step that pays. Each step can be repeated: what exists is found again, and a
//! transfer is funded once.
//! Source: <https://docs.wise.com/api-reference/batch-group>.

mod abandon;
mod answers;
mod fund;
mod group;
mod look_up;
mod poll;
mod recipient;
mod request;
mod status;
mod submit;
mod transfer;

#[cfg(feature = "fakes")]
pub(crate) use transfer::transaction_id;

use std::{fmt, time::Duration};

use crate::{
    Answer, BaseUrl, Draft, LookUpError, PollError, Progress, Provider, Secret, SetUpError, Submission,
    SubmitError, Submitted, Tried, http::Caller,
};

/// How to reach an account at Wise.
#[derive(Debug, Clone)]
pub struct WiseConfig {
    /// `https://api.wise.com`, or `https://api.wise-sandbox.com`.
    pub base: BaseUrl,
    /// An API token of the account. Where strong customer authentication is required (the European Economic Area and
    /// the United Kingdom), a personal token can do all but fund.
    pub token: Secret,
    /// The id of the profile that pays.
    pub profile: u64,
    /// The limit of one HTTP call.
    pub call_timeout: Duration,
    /// How long a try that was given up may still be at work there: until then nothing is concluded from what is not seen.
    pub settles_within: Duration,
}

/// A client of Wise's Platform API. It pays from the profile's balance of the submission's own currency.
pub struct Wise {
    config: WiseConfig,
    caller: Caller,
}

impl Wise {
    /// The most payments of one submission. A group may have a thousand transfers; each takes three calls, one after
    /// the other, and a submission should end within the run of a job.
    pub const MOST_PAYMENTS: usize = 100;

    /// A client; it connects when it is used.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn new(config: WiseConfig) -> Result<Self, SetUpError> {
        let caller = Caller::new(config.base.clone(), config.call_timeout)?;
        Ok(Self { config, caller })
    }
}

impl fmt::Debug for Wise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wise").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Provider for Wise {
    fn name(&self) -> &'static str {
        "wise"
    }

    fn account(&self) -> String {
        format!("{:?}/{}", self.config.base, self.config.profile)
    }

    fn max_payments(&self) -> usize {
        Self::MOST_PAYMENTS
    }

    /// Makes an empty batch group; one that is never used does no harm.
    fn prepare<'a>(&'a self, submission: &'a Submission) -> Answer<'a, Result<Draft, SubmitError>> {
        Box::pin(submit::prepare(self, submission))
    }

    fn submit<'a>(
        &'a self,
        submission: &'a Submission,
        draft: &'a Draft,
    ) -> Answer<'a, Result<Submitted, SubmitError>> {
        Box::pin(submit::submit(self, submission, draft))
    }

    fn look_up<'a>(
        &'a self,
        _: &'a Submission,
        draft: &'a Draft,
        tried: Tried,
    ) -> Answer<'a, Result<Option<Submitted>, LookUpError>> {
        Box::pin(look_up::look_up(self, draft, tried))
    }

    fn pays_by_looking_up(&self, _: Tried) -> bool {
        false
    }

    fn abandon<'a>(&'a self, draft: &'a Draft) -> Answer<'a, Result<(), SubmitError>> {
        Box::pin(abandon::abandon(self, draft))
    }

    fn poll<'a>(
        &'a self,
        submission: &'a Submission,
        submitted: &'a Submitted,
    ) -> Answer<'a, Result<Progress, PollError>> {
        Box::pin(poll::poll(self, submission, submitted))
    }
}
