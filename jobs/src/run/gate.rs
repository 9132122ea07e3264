use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The longest pause after a run alone.
const MAX_REST: Duration = Duration::from_secs(60);

/// Keeps runs alone apart from all others in the process, and gives both their share: only one run alone waits at the door
/// at a time, so whatever else waits goes in between two of them, and as long as the one took belongs to the others before
/// the next may come. A crash that leaves many jobs to run alone must not hold up other kinds for minutes.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    /// First come, first served; read by those beside others, written by those alone.
    door: Arc<RwLock<()>>,
    /// Held by the one run alone that waits at the door, runs, or rests.
    turn: Arc<Mutex<()>>,
}

/// The turn of a run alone: from then on it may take what it needs, and then go [in](Turn::enter).
pub(crate) struct Turn {
    turn: OwnedMutexGuard<()>,
    door: Arc<RwLock<()>>,
}

/// A run alone, for as long as it lives.
pub(crate) struct Alone {
    turn: Option<OwnedMutexGuard<()>>,
    began: Instant,
    _nobody: OwnedRwLockWriteGuard<()>,
}

impl Gate {
    /// Waits until nothing runs alone.
    pub(crate) async fn beside_others(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.door).read_owned().await
    }

    /// Waits for the turn of a run alone. Until it comes, the run must hold nothing that others need.
    pub(crate) async fn turn(&self) -> Turn {
        Turn { turn: Arc::clone(&self.turn).lock_owned().await, door: Arc::clone(&self.door) }
    }
}

impl Turn {
    /// Waits until nothing runs.
    pub(crate) async fn enter(self) -> Alone {
        let nobody = self.door.write_owned().await;
        Alone { turn: Some(self.turn), began: Instant::now(), _nobody: nobody }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let (turn, rest) = (self.turn.take(), self.began.elapsed().min(MAX_REST));
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            drop(turn);
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::{sync::mpsc, time::timeout};

    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn between_two_runs_alone_all_that_waits_goes_first() {
        let gate = Gate::default();
        let first = gate.turn().await.enter().await;
        let (order, mut entered) = mpsc::unbounded_channel();
        for _ in 0..3 {
            let (gate, order) = (gate.clone(), order.clone());
            tokio::spawn(async move {
                let _alone = gate.turn().await.enter().await;
                order.send("alone").unwrap();
            });
        }
        tokio::time::sleep(SOON).await;
        for _ in 0..2 {
            let (gate, order) = (gate.clone(), order.clone());
            tokio::spawn(async move {
                let _company = gate.beside_others().await;
                order.send("beside others").unwrap();
                tokio::time::sleep(SOON).await;
            });
        }
        tokio::time::sleep(SOON).await;
        assert!(entered.is_empty(), "nothing runs beside what runs alone");
        drop(first);
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push(entered.recv().await.unwrap());
        }
        assert_eq!(seen, ["beside others", "beside others", "alone", "alone", "alone"]);
    }

    #[tokio::test]
    async fn after_a_run_alone_the_others_have_as_long() {
        let gate = Gate::default();
        let alone = gate.turn().await.enter().await;
        tokio::time::sleep(SOON * 4).await;
        drop(alone);
        assert!(timeout(SOON * 2, gate.turn()).await.is_err());
        timeout(SOON * 2, gate.beside_others()).await.unwrap();
        timeout(SOON * 10, gate.turn()).await.unwrap();
    }
}
