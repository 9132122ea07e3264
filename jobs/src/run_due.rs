use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use domain::{clock::Clock, db::Db};
use ids::{IdSource, JobId};
use queue::{Due, Mode, Queue};

use crate::{registry::Registry, run::Runner};

/// How many due jobs are looked at in one round.
const ROUND: i64 = 1000;

/// Runs every job that is due at `now`, and those that they enqueue for then, in this task and without Redis, through the
/// very path that workers take: for tests and scenarios. Kinds without a handler stay where they are. Answers how many runs
/// there were, failed ones included.
///
/// # Errors
/// Those of the database outside of handlers.
pub async fn run_due(registry: &Registry, db: &Db, ids: &IdSource, now: DateTime<Utc>) -> QueryResult<usize> {
    let runner = Runner::new(db.clone(), Clock::fixed(now), ids.clone(), Duration::from_secs(30), 1);
    let mut runs = 0;
    loop {
        let due = {
            let mut conn = db.get().await?;
            while queue::promote_due(&mut conn, &Queue::ALL, ROUND, now).await? > 0 {}
            queue::due(&mut conn, &registry.kinds(), ROUND, now).await?
        };
        let mut claimed = 0;
        for same in due.chunk_by(|one, other| one.kind == other.kind && one.alone == other.alone) {
            claimed += run_kind(registry, &runner, same).await?;
        }
        if claimed == 0 {
            return Ok(runs);
        }
        runs += claimed;
    }
}

/// Runs due jobs of one kind, slice by slice.
async fn run_kind(registry: &Registry, runner: &Runner, due: &[Due]) -> QueryResult<usize> {
    let Some((task, first)) = due.first().and_then(|first| Some((registry.task(&first.kind)?, first))) else {
        return Ok(0);
    };
    let (slice, mode) = if first.alone { (1, Mode::Alone) } else { (task.facts().slice, Mode::Shared) };
    let mut claimed = 0;
    for jobs in due.chunks(slice) {
        let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        claimed += runner.run(&**task, &ids, mode).await?.claimed;
    }
    Ok(claimed)
}
