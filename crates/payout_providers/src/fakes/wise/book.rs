use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// All that the fake has made, by number.
#[derive(Default)]
pub(super) struct Book(Mutex<Pages>);

#[derive(Default)]
pub(super) struct Pages {
    pub(super) accounts: BTreeMap<u64, String>,
    pub(super) quotes: BTreeMap<String, Quote>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) transfers: BTreeMap<u64, Transfer>,
}

#[derive(Clone)]
pub(super) struct Quote {
    pub(super) amount: String,
    pub(super) currency: String,
}

#[derive(Clone)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) version: i64,
    /// Whether it was shown since it is to be cancelled.
    pub(super) is_seen: bool,
    pub(super) transfers: Vec<u64>,
}

#[derive(Clone)]
pub(super) struct Transfer {
    pub(super) transaction: String,
    pub(super) group: String,
    pub(super) quote: Quote,
    pub(super) recipient: String,
    pub(super) is_funded: bool,
    pub(super) is_cancelled: bool,
}

impl Book {
    pub(super) fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn transfers(&self) -> usize {
        self.open().transfers.len()
    }
}
