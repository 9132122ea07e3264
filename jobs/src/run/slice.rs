use std::time::Duration;

use ids::{JobId, LeaseToken};
use queue::{ClaimedRow, Job, Settled, Verdict, backoff};

use super::{Runner, attempt::RunError};
use crate::{
    handler::{Claimed, Failure},
    registry::Facts,
    running::Slot,
};

/// Pauses between the tries to write down how a job ended, while PostgreSQL is away. Together they are shorter than a
/// lease: after that the job is the sweeper's.
const PATIENCE: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
    Duration::from_secs(12),
];

/// Claimed jobs of one kind.
pub(crate) struct Slice<'a> {
    pub runner: &'a Runner,
    pub facts: Facts,
    pub rows: Vec<ClaimedRow>,
    pub token: LeaseToken,
    pub slot: &'a Slot,
}

impl Slice<'_> {
    /// The rows whose arguments can be read, and the jobs that they make. The others are dead: no retry will read them.
    pub(crate) async fn decode<J: Job>(&mut self) -> Vec<Claimed<J>> {
        let mut jobs = Vec::with_capacity(self.rows.len());
        let mut unreadable = Vec::new();
        self.rows = std::mem::take(&mut self.rows)
            .into_iter()
            .filter_map(|row| match serde_json::from_value(row.args.clone()) {
                Ok(args) => {
                    jobs.push(claimed(&row, args));
                    Some(row)
                }
                Err(error) => {
                    unreadable.push((row, error));
                    None
                }
            })
            .collect();
        for (row, error) in unreadable {
            let error = Failure::Abort(format!("the arguments cannot be read: {error}"));
            self.fail(&row, RunError::Failed(error)).await;
        }
        jobs
    }

    /// Writes down that a run failed, and what is next for the job.
    pub(crate) async fn fail(&self, row: &ClaimedRow, error: RunError) {
        let pause = backoff(row.id, row.attempt, self.facts.retry.cap);
        let (verdict, text) = match error {
            RunError::Lost => {
                tracing::warn!(job.id = %row.id, job.kind = self.facts.kind, "the lease was lost; all is rolled back");
                self.runner.metrics.ended(self.facts.kind, "lost", 1);
                return;
            }
            RunError::Failed(Failure::Retry(text)) => (Verdict::Retry(pause), text),
            RunError::Failed(Failure::RetryAfter(pause, text)) => (Verdict::Retry(pause), text),
            RunError::Failed(Failure::Abort(text) | Failure::Stop(text)) => (Verdict::Abort, text),
            RunError::Failed(Failure::NotBegun) => (Verdict::HandBack, String::new()),
            RunError::Panicked(text) => (Verdict::Crash(pause), format!("panicked: {text}")),
            RunError::TooLong => {
                (Verdict::Retry(pause), format!("stopped after {} s", self.facts.max_run.as_secs_f32()))
            }
        };
        if verdict != Verdict::HandBack {
            tracing::warn!(job.id = %row.id, job.kind = self.facts.kind, attempt = row.attempt, error = text, "a job failed");
        }
        let outcome = match self.settle(row, verdict, &text).await {
            Some(Settled::Waits) if verdict == Verdict::HandBack => "handed_back",
            Some(Settled::Waits) => "retried",
            Some(Settled::Superseded) => "superseded",
            Some(Settled::Dead) => "dead",
            Some(Settled::Lost) | None => "lost",
        };
        self.slot.ended(&[row.id]);
        self.runner.metrics.ended(self.facts.kind, outcome, 1);
    }

    async fn settle(&self, row: &ClaimedRow, verdict: Verdict, text: &str) -> Option<Settled> {
        let mut pauses = PATIENCE.iter();
        loop {
            let settled = async {
                let mut conn = self.runner.db.get().await?;
                let now = self.runner.clock.now();
                queue::fail(&mut conn, row, self.token, verdict, text, now).await
            };
            match (settled.await, pauses.next()) {
                (Ok(settled), _) => return Some(settled),
                (Err(error), Some(pause)) => {
                    tracing::warn!(job.id = %row.id, %error, "a failure could not be written down yet");
                    tokio::time::sleep(*pause).await;
                }
                (Err(error), None) => {
                    tracing::error!(job.id = %row.id, %error, "a failure is left to the sweeper");
                    return None;
                }
            }
        }
    }
}

/// The ids of rows.
pub(crate) fn ids_of(rows: &[ClaimedRow]) -> Vec<JobId> {
    rows.iter().map(|row| row.id).collect()
}

fn claimed<J>(row: &ClaimedRow, args: J) -> Claimed<J> {
    Claimed {
        id: row.id,
        account_id: row.account_id,
        attempt: row.attempt,
        is_last_attempt: row.attempt >= row.max_attempts,
        created_at: row.created_at,
        run_at: row.run_at,
        trace: row.trace.clone(),
        request_id: row.request_id.clone(),
        args,
    }
}
