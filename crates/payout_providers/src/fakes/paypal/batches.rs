use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

/// `POST /v1/payments/payouts`, as far as the fake reads it.
#[derive(Deserialize, Clone)]
pub(super) struct Create {
    pub(super) sender_batch_header: Header,
    pub(super) items: Vec<Item>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Header {
    pub(super) sender_batch_id: String,
}

#[derive(Deserialize, Clone)]
pub(super) struct Item {
    pub(super) recipient_type: String,
    pub(super) amount: Amount,
    pub(super) receiver: String,
    pub(super) sender_item_id: String,
    pub(super) recipient_wallet: String,
}

#[derive(Deserialize, Clone)]
pub(super) struct Amount {
    pub(super) currency: String,
    pub(super) value: String,
}

/// A batch that was accepted.
#[derive(Clone)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) create: Create,
    pub(super) is_denied: bool,
}

#[derive(Default)]
pub(super) struct Batches {
    kept: Mutex<Vec<Batch>>,
    denied: Mutex<HashSet<String>>,
}

impl Batches {
    /// Keeps a batch under a new id.
    ///
    /// # Errors
    /// The id of the batch that has the same `sender_batch_id`.
    pub(super) fn keep(&self, create: Create) -> Result<String, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |batch: &&Batch| {
            batch.create.sender_batch_header.sender_batch_id == create.sender_batch_header.sender_batch_id
        };
        if let Some(first) = kept.iter().find(same) {
            return Err(first.id.clone());
        }
        let id = format!("FAKEBATCH{}", kept.len() + 1);
        kept.push(Batch { id: id.clone(), create, is_denied: false });
        Ok(id)
    }

    pub(super) fn find(&self, id: &str) -> Option<Batch> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = kept.iter().find(|batch| batch.id == id)?.clone();
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        let is_denied = denied.contains(&batch.create.sender_batch_header.sender_batch_id);
        Some(Batch { is_denied, ..batch })
    }

    /// The batch and the place of a payment.
    pub(super) fn find_payment(&self, payment: &str) -> Option<(Batch, usize)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find_map(|batch| {
            let place = batch.create.items.iter().position(|item| item.sender_item_id == payment)?;
            Some((batch.clone(), place))
        })
    }

    pub(super) fn deny(&self, sender_batch_id: &str) {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).insert(sender_batch_id.to_owned());
    }
}
