use std::pin::Pin;

use crate::{Draft, LookUpError, PollError, Progress, Submission, SubmitError, Submitted, Tried};

/// The future of an answer: boxed, so that handlers hold a `dyn Provider` or an `Arc` of one.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A provider that pays many people at once.
///
/// # The order of a submission
/// 1. Store the submission (reference, payments). It never changes again.
/// 2. [`prepare`](Provider::prepare), and store the [`Draft`]. No money moves; after a crash prepare again.
/// 3. Store the time of the try, and [`submit`](Provider::submit). Store what comes of it: [`Submitted`]: accepted.
///    [`SubmitError::NotSent`]: submit again later. [`SubmitError::Refused`]: ends it, or is tried again when a
///    person has mended the cause; [`abandon`](Provider::abandon) it before its payments go out any other way.
///    [`SubmitError::Unknown`], [`SubmitError::Duplicate`], or a crash between this step and its storing: step 4.
/// 4. [`look_up`](Provider::look_up) until it answers. `Some`: accepted. `None`: certainly not accepted; submit
///    again.
/// 5. [`poll`](Provider::poll) until every payment is settled, and listen to webhooks: payments come back weeks
///    later.
///
/// Every HTTP call ends within the client's time limit; a Wise submission makes three calls for each payment. A
/// future that is dropped in the middle of [`submit`](Provider::submit) leaves an unknown outcome, as a crash does.
pub trait Provider: Send + Sync {
    /// Its stored name: `paypal`, `wise`.
    fn name(&self) -> &'static str;

    /// From whose account at the provider it pays: no secret. Another account knows nothing of what this one was asked.
    fn account(&self) -> String;

    /// The most payments of one submission.
    fn max_payments(&self) -> usize;

    /// Makes what the provider needs before it can be asked to pay. Nothing is paid.
    fn prepare<'a>(&'a self, submission: &'a Submission) -> Answer<'a, Result<Draft, SubmitError>>;

    /// Asks the provider to pay. With the same submission and draft this pays once, however often it is called within
    /// the time that the provider knows the reference.
    fn submit<'a>(
        &'a self,
        submission: &'a Submission,
        draft: &'a Draft,
    ) -> Answer<'a, Result<Submitted, SubmitError>>;

    /// Whether the submission was accepted.
    ///
    /// PayPal has no question for this: it is asked by submitting again under the same reference, which it refuses with
    /// a link to the first. If the first try was lost, the submission **is accepted by being looked up**; so the answer
    /// of PayPal is never `None`.
    fn look_up<'a>(
        &'a self,
        submission: &'a Submission,
        draft: &'a Draft,
        tried: Tried,
    ) -> Answer<'a, Result<Option<Submitted>, LookUpError>>;

    /// Whether [`look_up`](Provider::look_up) would ask the provider to pay now, after such tries. Then its time is to be stored
    /// before, as that of a try is: if its process dies, nobody knows whether that call is still on its way.
    fn pays_by_looking_up(&self, tried: Tried) -> bool;

    /// Makes sure that a submission that was refused, or looked up as not accepted, is never paid from the draft that
    /// it left at the provider. To be called before its payments go out any other way.
    ///
    /// # Errors
    /// [`SubmitError::Duplicate`] if it was accepted after all; otherwise as for [`Provider::prepare`].
    fn abandon<'a>(&'a self, draft: &'a Draft) -> Answer<'a, Result<(), SubmitError>>;

    /// What has become of the payments of an accepted submission.
    fn poll<'a>(
        &'a self,
        submission: &'a Submission,
        submitted: &'a Submitted,
    ) -> Answer<'a, Result<Progress, PollError>>;
}
