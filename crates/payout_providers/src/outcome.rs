use std::{collections::HashMap, time::Duration};

use money::Money;
use serde::{Deserialize, Serialize};

use crate::{Reference, Refusal};

/// What a provider keeps for a submission that has not been paid yet. To be stored before the submission is tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Draft(pub String);

/// How long ago a submission was tried, whatever came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// The first try: a provider knows a reference for so long and no longer.
    pub first_ago: Duration,
    /// The end of the last one, or when it was given up: it may still be on its way.
    pub last_ago: Duration,
}

impl Tried {
    /// How long the last try may still be on its way, if it may.
    pub(crate) fn settles_in(self, within: Duration) -> Option<Duration> {
        within.checked_sub(self.last_ago).filter(|wait| !wait.is_zero())
    }
}

/// A submission that a provider accepted, by the provider's own id of it. To be stored with the submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Submitted {
    /// PayPal's `payout_batch_id`, Wise's id of the batch group.
    pub provider_id: String,
}

/// What has become of one payment.
///
/// `Pending` says nothing new and never undoes what was reported before. A `Paid` may be followed by a `Returned`,
/// weeks later. A `Returned` that follows a `Failed` is the same money: it comes back once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// Not decided. Unclaimed and held payments are pending: they may still be paid.
    Pending {
        /// The provider's own word, such as `UNCLAIMED`.
        code: String,
    },
    /// The money is with the recipient.
    Paid {
        /// What to quote to the provider's support.
        provider_reference: String,
        /// What the provider took besides, where it says so. Its currency may differ from the payment's.
        fee: Option<Money>,
    },
    /// Never paid, and the provider has the money no longer.
    Failed {
        /// The provider's own word.
        code: String,
        /// A sentence by the provider, for people. It may name the recipient: never log it.
        reason: String,
        /// Whether the recipient, or what is known of them, is the cause: then trying again is of no use. Otherwise
        /// it is ours or the provider's, and the same payment may be tried again under a new reference.
        on_payee_side: bool,
    },
    /// Sent, and come back: not claimed in time, refunded by the recipient, or returned by their bank.
    Returned {
        /// The provider's own word.
        code: String,
        /// A sentence by the provider, for people.
        reason: String,
        /// What to quote to the provider's support, if it is known.
        provider_reference: Option<String>,
    },
}

impl PaymentState {
    /// Whether nothing more is to be expected; a `Paid` may still be returned.
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Pending { .. })
    }
}

/// The state of a payment that somebody reported: a provider that was asked, its webhook, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReport {
    /// Ours.
    pub payment: Reference,
    /// What became of it.
    pub state: PaymentState,
}

/// How far a submission has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Why the provider gave the whole submission up, if it did. Payments without a report, or that were only waiting to be
    /// looked at, have failed with it.
    pub denied: Option<Refusal>,
    /// What it says of each payment that it knows of.
    pub reports: Vec<PaymentReport>,
}

impl Progress {
    /// The state of every payment that is asked for, reported or not.
    pub fn of<'a>(&self, payments: impl IntoIterator<Item = &'a Reference>) -> Vec<PaymentReport> {
        let said: HashMap<_, _> =
            self.reports.iter().map(|report| (&report.payment, &report.state)).collect();
        let waits =
            |state: &PaymentState| matches!(state, PaymentState::Pending { code } if code == "PENDING");
        let state = |payment| match said.get(payment) {
            Some(state) if self.denied.is_none() || !waits(state) => (*state).clone(),
            _ => self.unreported(),
        };
        payments
            .into_iter()
            .map(|payment| PaymentReport { payment: payment.clone(), state: state(payment) })
            .collect()
    }

    fn unreported(&self) -> PaymentState {
        match &self.denied {
            None => PaymentState::Pending { code: "NOT_REPORTED".to_owned() },
            Some(Refusal { code, reason, .. }) => {
                PaymentState::Failed { code: code.clone(), reason: reason.clone(), on_payee_side: false }
            }
        }
    }
}
