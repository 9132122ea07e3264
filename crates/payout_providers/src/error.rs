use std::{fmt, time::Duration};

use crate::Reference;

/// Longer texts of providers are cut: they are shown to people, and stored.
const MOST_CHARS: usize = 500;

/// A provider's no. Its text is for people; it may name a recipient, so it is stored with the payment and never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's own word, such as `INSUFFICIENT_FUNDS`, or one of ours: `TOO_MANY_PAYMENTS`,
    /// `RECIPIENT_NOT_SUPPORTED`, `AMOUNT_NOT_SUPPORTED`, `CREDENTIALS_REFUSED`, `STRONG_AUTHENTICATION_REQUIRED`.
    pub code: String,
    /// A sentence.
    pub reason: String,
    /// The payment that is to blame, if it is one: the submission without it may go through, under the same reference.
    pub payment: Option<Reference>,
}

impl Refusal {
    pub(crate) fn new(code: impl Into<String>, reason: impl AsRef<str>) -> Self {
        Self { code: code.into(), reason: short(reason.as_ref()), payment: None }
    }

    pub(crate) fn of_payment(mut self, payment: &Reference) -> Self {
        self.payment = Some(payment.clone());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.payment {
            Some(payment) => write!(f, "payment {payment}: {}: {}", self.code, self.reason),
            None => write!(f, "{}: {}", self.code, self.reason),
        }
    }
}

/// Why a submission was not accepted, or not known to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The provider said no, or would. Nothing was sent, and the same again is refused again until something changes.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Nothing was sent: no connection, no access token, too many calls. Try the same again later.
    #[error("not sent: {why}")]
    NotSent {
        /// What the network or the provider said.
        why: String,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// It may have been accepted: no answer, or one that cannot be read. **Look it up before anything else.**
    #[error("outcome unknown: {why}")]
    Unknown {
        /// What the network or the provider said.
        why: String,
    },
    /// The provider has accepted this reference before. Look it up: that gives its id.
    #[error("accepted before")]
    Duplicate,
}

/// Why it is still not known whether a submission was accepted. Nothing may be paid another way until it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// No answer that could be read. Look it up again later.
    #[error("no answer: {why}")]
    NoAnswer {
        /// What the network or the provider said.
        why: String,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider may still be at work on it. Look it up again later.
    #[error("too early to tell; wait {} s", .wait.as_secs())]
    TooEarly {
        /// How long to wait.
        wait: Duration,
    },
    /// The provider has forgotten references this old, so that a look-up could pay again: a person must look.
    #[error("too late to ask: the provider knows references for {} days", .known_for.as_secs() / 86_400)]
    TooLate {
        /// How long the provider knows a reference.
        known_for: Duration,
    },
    /// The provider answered something that decides nothing: a person must look, or it is tried again when what it
    /// complains of has been mended.
    #[error("undecided: {0}")]
    Undecided(Refusal),
}

/// Why the state of a submission could not be read. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// No answer that could be read. Ask again later.
    #[error("no answer: {why}")]
    NoAnswer {
        /// What the network or the provider said.
        why: String,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider refuses to say, or knows no such submission: the credentials, or their account, have changed.
    #[error("refused: {0}")]
    Refused(Refusal),
}

/// A text as it is kept: short, and one line.
pub(crate) fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_CHARS).collect()
}
