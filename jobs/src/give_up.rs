use std::time::{Duration, Instant};

use ids::{JobId, LeaseToken};

use crate::run::Runner;

/// How long what is dropped may take to let go.
const LET_GO: Duration = Duration::from_secs(1);

/// How long handing back may take: the process is about to be killed.
const HAND_BACK: Duration = Duration::from_secs(3);

/// Drops what runs and hands it back, ready at once: the end of a process is no crash of its jobs, and must not count
/// against one that runs alone.
pub(crate) async fn give_up(runner: &Runner) {
    let held = runner.running.held();
    runner.give_up.cancel();
    let began = Instant::now();
    while runner.running.count() > 0 && began.elapsed() < LET_GO {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A handler that occupies its thread cannot be dropped. It still runs, and may be to blame.
    let stuck = runner.running.held();
    let free: Vec<_> = held.into_iter().filter(|lease| !stuck.contains(lease)).collect();
    match tokio::time::timeout(HAND_BACK, hand_back(runner, &free)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "jobs are left to the sweeper"),
        Err(_) => tracing::warn!("jobs are left to the sweeper: PostgreSQL does not answer in time"),
    }
}

/// What has ended meanwhile is not found under its token, and left.
async fn hand_back(runner: &Runner, leases: &[(JobId, LeaseToken)]) -> diesel::QueryResult<()> {
    let mut conn = runner.db.get().await?;
    for (id, token) in leases {
        queue::return_unblamed(&mut conn, *id, *token, runner.clock.now()).await?;
    }
    Ok(())
}
