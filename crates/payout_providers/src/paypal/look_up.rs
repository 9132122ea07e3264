use std::time::Duration;

use super::{
    PayPal,
    submit::{Failed, submit},
};
use crate::{LookUpError, Refusal, Submission, Submitted, Tried};

/// PayPal knows a `sender_batch_id` for 30 days and then takes it again; a day less, because clocks and queues are
/// slow.
const KNOWN_FOR: Duration = Duration::from_secs(29 * 86_400);

/// Whether PayPal may be asked now. Of two calls at once with one reference it must refuse one; nothing says that it always has.
pub(super) fn may_ask(paypal: &PayPal, tried: Tried) -> Result<(), LookUpError> {
    if tried.first_ago > KNOWN_FOR {
        return Err(LookUpError::TooLate { known_for: KNOWN_FOR });
    }
    match tried.settles_in(paypal.config.settles_within) {
        Some(wait) => Err(LookUpError::TooEarly { wait }),
        None => Ok(()),
    }
}

/// Submits again: PayPal takes a `sender_batch_id` once, and links to the batch that has it.
pub(super) async fn look_up(
    paypal: &PayPal,
    submission: &Submission,
    tried: Tried,
) -> Result<Option<Submitted>, LookUpError> {
    may_ask(paypal, tried)?;
    let settles_within = Some(paypal.config.settles_within).filter(|wait| !wait.is_zero());
    match submit(paypal, submission).await {
        Ok(submitted) => Ok(Some(submitted)),
        Err(Failed::Duplicate(Some(provider_id))) => Ok(Some(Submitted { provider_id })),
        Err(Failed::Duplicate(None)) => Err(LookUpError::Undecided(Refusal::new(
            "DUPLICATE_WITHOUT_LINK",
            "PayPal has accepted this reference and does not say as which batch",
        ))),
        // In what order PayPal checks is not known: a refusal for want of funds, say, does not prove that the
        // first try, which may have taken these funds, was refused.
        Err(Failed::Refused(refusal)) => Err(LookUpError::Undecided(refusal)),
        // The caller has written down that it asked: it waits as after any other.
        Err(Failed::NotSent { why, retry_after }) => {
            Err(LookUpError::NoAnswer { why, retry_after: retry_after.max(settles_within) })
        }
        Err(Failed::Unknown { why }) => Err(LookUpError::NoAnswer { why, retry_after: settles_within }),
    }
}
