use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;
use domain::{clock::Clock, db::Db};

use crate::{held_connection::HeldConnection, signals::Signals};

/// Takes back jobs whose workers died. Every process does: a sweep is a bounded index read. Never ends.
pub(crate) async fn sweep(db: Db, clock: Clock, signals: Arc<Signals>, every: Duration, lease: Duration) {
    let mut connection = HeldConnection::new(db);
    let mut calm = Calm::new(every, lease);
    loop {
        let began = Instant::now();
        match round(&mut connection, &clock, &mut calm, began).await {
            Ok(0) => {}
            Ok(swept) => {
                tracing::warn!(jobs = swept, "jobs of dead workers were taken back");
                signals.dispatch.notify_one();
            }
            Err(error) => {
                tracing::warn!(%error, "expired leases could not be looked for");
                calm.disturbed();
                connection.release();
            }
        }
        tokio::time::sleep(every).await;
    }
}

async fn round(
    connection: &mut HeldConnection,
    clock: &Clock,
    calm: &mut Calm,
    began: Instant,
) -> QueryResult<usize> {
    // The time before any wait: what could be renewed during the wait has not expired by then.
    let now = clock.now();
    let conn = connection.get().await?;
    if !calm.lasts(began) {
        conn.batch_execute("SELECT 1").await?;
        return Ok(0);
    }
    Ok(queue::sweep(conn, now).await?.len())
}

/// Whether leases could be renewed all the time. Behind an outage of PostgreSQL, or a pause of this machine, all leases
/// have expired although their owners live: these must have the time to renew first, or live jobs are blamed.
struct Calm {
    /// A longer distance of two rounds is a disturbance: a renewal every third of a lease may have been missed.
    gap: Duration,
    lease: Duration,
    /// When the round before this one began; none behind an error.
    before: Option<Instant>,
    /// Nothing is swept until then.
    from: Option<Instant>,
}

impl Calm {
    fn new(every: Duration, lease: Duration) -> Self {
        Self { gap: (lease / 2).max(every * 2), lease, before: Some(Instant::now()), from: None }
    }

    fn disturbed(&mut self) {
        self.before = None;
    }

    /// Whether the round that begins now may sweep: no error and no gap within the last lease.
    fn lasts(&mut self, now: Instant) -> bool {
        let undisturbed = self.before.replace(now).is_some_and(|before| now - before < self.gap);
        if !undisturbed {
            self.from = Some(now + self.lease);
        }
        self.from.is_none_or(|from| now >= from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_an_error_or_a_gap_owners_have_a_lease_to_renew() {
        let secs = Duration::from_secs;
        let mut calm = Calm::new(secs(5), secs(30));
        let mut now = Instant::now();
        assert!(calm.lasts(now), "a worker that starts sweeps what the one before left");
        for disturb in [
            (|calm: &mut Calm, _: &mut Instant| calm.disturbed()) as fn(&mut Calm, &mut Instant),
            |_, now| *now += Duration::from_secs(40),
        ] {
            disturb(&mut calm, &mut now);
            for _ in 0..6 {
                now += secs(5);
                assert!(!calm.lasts(now));
            }
            now += secs(5);
            assert!(calm.lasts(now));
        }
    }
}
