//! What a provider said, as what becomes of the job. The texts are kept with jobs: no personal data.

use std::time::Duration;

use payout_providers::{LookUpError, PollError, SubmitError};

use super::plain::plain;
use crate::handler::Failure;

/// Later, after the pause that was asked for if there is one.
fn later(retry_after: Option<Duration>, why: &str) -> Failure {
    match retry_after {
        Some(pause) => Failure::RetryAfter(pause, plain(why)),
        None => Failure::Retry(plain(why)),
    }
}

/// Nobody answered what was asked.
pub(super) fn no_answer(why: &str) -> Failure {
    later(None, why)
}

/// A submission that was not sent, or not known to be.
pub(super) fn not_sent(error: &SubmitError) -> Failure {
    let pause = match error {
        SubmitError::NotSent { retry_after, .. } => *retry_after,
        _ => None,
    };
    later(pause, &error.to_string())
}

/// A look-up that decided nothing. When it is too late to ask, a person must look.
pub(super) fn of_look_up(error: &LookUpError) -> Failure {
    let why = error.to_string();
    match error {
        LookUpError::TooLate { .. } => Failure::Abort(plain(&why)),
        LookUpError::TooEarly { wait } => later(Some(*wait), &why),
        LookUpError::NoAnswer { retry_after, .. } => later(*retry_after, &why),
        LookUpError::Undecided(_) => later(None, &why),
    }
}

/// A poll that told nothing.
pub(super) fn of_poll(error: &PollError) -> Failure {
    let pause = match error {
        PollError::NoAnswer { retry_after, .. } => *retry_after,
        PollError::Refused(_) => None,
    };
    later(pause, &error.to_string())
}
