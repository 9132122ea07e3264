use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// What goes wrong with the next call that would make the fake accept payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Accepted, and then no answer, ever.
    HangAfterAccepting,
    /// Accepted, and then the connection is closed without a word.
    DropAfterAccepting,
    /// Nothing is accepted, and the connection is closed without a word.
    DropBeforeAccepting,
    /// Accepted, and then status 500.
    ErrorAfterAccepting,
    /// Nothing is accepted; status 500.
    ErrorBeforeAccepting,
    /// Accepted, with an answer that is no JSON.
    GarbledAfterAccepting,
    /// Nothing is accepted; status 429, with `Retry-After: 7`.
    TooManyCalls,
    /// Nothing is accepted; status 403: the access token lacks a right.
    NotAllowed,
    /// Accepted, and then refused, as what was accepted before is.
    RefusedAfterAccepting,
    /// Nothing is accepted; the account has too little money.
    InsufficientFunds,
}

impl Fault {
    /// Whether the call has its effect all the same.
    pub(super) fn accepts(fault: Option<Self>) -> bool {
        use Fault::*;
        matches!(
            fault,
            None | Some(
                HangAfterAccepting
                    | DropAfterAccepting
                    | ErrorAfterAccepting
                    | GarbledAfterAccepting
                    | RefusedAfterAccepting
            )
        )
    }
}

/// The faults that are to come, first come first.
#[derive(Default)]
pub(super) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(super) fn push(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    pub(super) fn next(&self) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
