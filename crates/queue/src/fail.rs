use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::LeaseToken;

use crate::{
    ClaimedRow, POISON_AFTER, Settled,
    hand_back::{HandBack, Run, attempt_error, return_unblamed},
};

/// What is to happen to a job whose run failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Again after a pause, unless its attempts are used up.
    Retry(Duration),
    /// Again after a pause, but it counts as a crash that nobody else caused (a panic): three are poison.
    Crash(Duration),
    /// Never again.
    Abort,
    /// Again at once, without blame: this run did nothing, or was given up because its process ends.
    HandBack,
}

/// Ends a failed run: the job waits for the next attempt, hands over to a waiting twin, or is dead, with `error` kept.
/// The caller owns the lease; its writes of the failed run are rolled back already.
///
/// # Errors
/// Those of the database.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    row: &ClaimedRow,
    token: LeaseToken,
    verdict: Verdict,
    error: &str,
    now: DateTime<Utc>,
) -> QueryResult<Settled> {
    if verdict == Verdict::HandBack {
        return return_unblamed(conn, row.id, token, now).await;
    }
    let (pause, crashes_alone) = match verdict {
        Verdict::Retry(pause) => (Some(pause), 0),
        Verdict::Crash(pause) => (Some(pause), 1),
        Verdict::Abort | Verdict::HandBack => (None, 0),
    };
    let run = Run { attempt: row.attempt, started_at: row.started_at, worker: row.worker_id };
    let hand_back = HandBack {
        id: row.id,
        token,
        expired_by: None,
        error: attempt_error(&run, error, now),
        run_at: pause.map(|pause| now + pause),
        crashes_alone,
        run_alone: false,
        attempts_given_back: 0,
    };
    let poisoned = crashes_alone > 0 && row.crashes_alone + crashes_alone >= POISON_AFTER;
    if pause.is_none() || poisoned || row.attempt >= row.max_attempts {
        hand_back.bury(conn, now).await
    } else {
        hand_back.requeue(conn, now).await
    }
}
