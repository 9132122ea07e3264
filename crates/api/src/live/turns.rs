use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ids::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Who may read what lies behind the ring: so many at a time, and of each account one.
pub(super) struct Turns {
    all: Semaphore,
    of: Mutex<HashMap<AccountId, Arc<Semaphore>>>,
}

/// It is somebody's turn until this is dropped.
pub(super) struct Turn<'a> {
    _of_account: OwnedSemaphorePermit,
    _of_all: SemaphorePermit<'a>,
}

impl Turns {
    pub(super) fn new(most: usize) -> Self {
        Self { all: Semaphore::new(most), of: Mutex::default() }
    }

    /// Waits for a turn, behind those of the same account that came before. `None` cannot be: nothing closes the semaphores.
    pub(super) async fn take(&self, account: AccountId) -> Option<Turn<'_>> {
        let own = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever waits or reads holds theirs.
            of.retain(|_, own| Arc::strong_count(own) > 1);
            Arc::clone(of.entry(account).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        let of_account = own.acquire_owned().await.ok()?;
        Some(Turn { _of_account: of_account, _of_all: self.all.acquire().await.ok()? })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use futures_util::FutureExt;
    use ids::IdSource;

    use super::*;

    #[tokio::test]
    async fn an_account_has_one_turn_and_leaves_the_others_to_others() {
        let ids = IdSource::seeded(1);
        let [one, two, three] = [(); 3].map(|()| ids.next::<AccountId>(DateTime::UNIX_EPOCH));
        let turns = Turns::new(2);
        let first = turns.take(one).await;
        assert!(turns.take(one).now_or_never().is_none(), "one at a time");
        let _second = turns.take(two).now_or_never().unwrap();
        assert!(turns.take(three).now_or_never().is_none(), "two at a time");
        drop(first);
        let _third = turns.take(three).now_or_never().unwrap();
        assert_eq!(turns.of.lock().unwrap().len(), 2, "nobody is kept who waits for nothing");
    }
}
