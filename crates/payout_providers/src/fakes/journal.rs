use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A payment that a fake accepted: one line for each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The submission's reference, as it was sent.
    pub submission: String,
    /// The payment's reference (PayPal), or the id that was made from it (Wise).
    pub payment: String,
    /// As it was sent: `19.90`.
    pub amount: String,
    /// Its code.
    pub currency: String,
    /// Who is paid, as it was sent.
    pub recipient: String,
}

/// What was accepted, in order, and what is to become of it.
#[derive(Default)]
pub(super) struct Journal {
    accepted: Mutex<Vec<Accepted>>,
    scripts: Mutex<HashMap<String, Script>>,
}

/// The states that a payment goes through, one at each poll; the last one stays.
#[derive(Clone)]
struct Script {
    states: Vec<State>,
    asked: usize,
}

/// A status, with an error's name where there is one.
#[derive(Clone)]
pub(super) struct State {
    pub(super) status: String,
    pub(super) error: Option<String>,
}

impl Journal {
    pub(super) fn accept(&self, lines: impl IntoIterator<Item = Accepted>) {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
    }

    pub(super) fn lines(&self) -> Vec<Accepted> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says what is to become of a payment: `UNCLAIMED`, or `FAILED:RECEIVER_ACCOUNT_LOCKED` with an error.
    pub(super) fn script(&self, payment: &str, states: &[&str]) {
        let state = |text: &&str| match text.split_once(':') {
            Some((status, error)) => State { status: status.to_owned(), error: Some(error.to_owned()) },
            None => State { status: (*text).to_owned(), error: None },
        };
        let script = Script { states: states.iter().map(state).collect(), asked: 0 };
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner).insert(payment.to_owned(), script);
    }

    /// The state of a payment now, and a step ahead in its script.
    pub(super) fn next_state(&self, payment: &str, otherwise: &str) -> State {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        let settled = || State { status: otherwise.to_owned(), error: None };
        let Some(script) = scripts.get_mut(payment) else { return settled() };
        let place = script.asked.min(script.states.len().saturating_sub(1));
        script.asked += 1;
        script.states.get(place).cloned().unwrap_or_else(settled)
    }
}
