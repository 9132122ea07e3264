use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryResult, QueryableByName,
    result::{DatabaseErrorKind, Error},
    sql_types::{Bool, Integer, Jsonb, Nullable, SmallInt, Timestamptz, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{JobId, LeaseToken, WorkerId};
use serde_json::{Value, json};

use crate::{history::history_columns, statement::statement};

/// What became of a job that did not finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It waits for another run.
    Waits,
    /// A twin with its key waits already: this row ended as superseded and handed the twin what it had learnt.
    Superseded,
    /// It is in the history as dead.
    Dead,
    /// The lease was lost: the job is somebody else's by now, and nothing was changed.
    Lost,
}

/// A running job that goes back to the waiting rows, or to the dead.
pub(crate) struct HandBack {
    pub id: JobId,
    pub token: LeaseToken,
    /// Act only if the lease ended by then; `None` for the owner of the lease.
    pub expired_by: Option<DateTime<Utc>>,
    pub error: Value,
    /// When to run again; `None` keeps the time.
    pub run_at: Option<DateTime<Utc>>,
    /// 1 if this run counts as a crash that nobody else can have caused.
    pub crashes_alone: i16,
    pub run_alone: bool,
    /// 1 if the run is not to be counted as an attempt: a crash of the process says nothing about the job.
    pub attempts_given_back: i32,
}

/// How the errors begin that the machinery itself found, and not a handler: they may name tables, constraints and lines of
/// code, and so are for operators of the instance only.
pub static INTERNAL_ERRORS: &[&str] = &["database: ", "no database connection", "panicked: "];

/// Whether the error of a run is for operators of the instance only.
pub fn is_internal(error: &str) -> bool {
    INTERNAL_ERRORS.iter().any(|beginning| error.starts_with(beginning))
}

/// A run, for its error.
pub(crate) struct Run {
    pub attempt: i32,
    pub started_at: Option<DateTime<Utc>>,
    pub worker: Option<WorkerId>,
}

/// The error of one attempt, as it is stored; [`Attempt`](crate::find::Attempt) reads it.
pub(crate) fn attempt_error(run: &Run, error: &str, now: DateTime<Utc>) -> Value {
    let text: String = error.chars().take(2000).collect();
    let worker = run.worker.map(|worker| worker.to_string());
    json!([{
        "attempt": run.attempt, "startedAt": run.started_at, "at": now, "error": text, "worker": worker,
    }])
}

/// Hands a running job back to the waiting rows as if this run had never been: it is ready at once, and its attempts,
/// errors and crashes are those before the claim. For the owner of the lease whose process ends.
///
/// # Errors
/// Those of the database.
pub async fn return_unblamed(
    conn: &mut AsyncPgConnection,
    id: JobId,
    token: LeaseToken,
    now: DateTime<Utc>,
) -> QueryResult<Settled> {
    let hand_back = HandBack {
        id,
        token,
        expired_by: None,
        error: json!([]),
        run_at: None,
        crashes_alone: 0,
        run_alone: false,
        attempts_given_back: 1,
    };
    hand_back.requeue(conn, now).await
}

impl HandBack {
    /// Makes the row wait again, or merges it into its waiting twin.
    pub(crate) async fn requeue(
        &self,
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
    ) -> QueryResult<Settled> {
        // An enqueuer may commit a twin between the look and the update: the index refuses, and the next look sees it.
        let mut tries = 0;
        loop {
            tries += 1;
            let settled = conn.transaction(async |conn| self.requeue_once(conn, now).await).await;
            match settled {
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) if tries < 5 => {}
                settled => return settled,
            }
        }
    }

    async fn requeue_once(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Settled> {
        let changed = match self.lock_twin(conn).await? {
            Some(twin) => (self.merge_into(twin, conn, now).await?, Settled::Superseded),
            None => (self.wait_again(conn, now).await?, Settled::Waits),
        };
        Ok(if changed.0 == 1 { changed.1 } else { Settled::Lost })
    }

    /// Locks the twin before the row itself, as everyone does who locks both.
    async fn lock_twin(&self, conn: &mut AsyncPgConnection) -> QueryResult<Option<JobId>> {
        #[derive(QueryableByName)]
        struct Twin {
            #[diesel(sql_type = Uuid)]
            id: JobId,
        }
        let twin: Option<Twin> = statement(
            "SELECT t.id FROM jobs j JOIN jobs t ON t.kind = j.kind AND t.unique_key = j.unique_key \
             AND t.state IN ('scheduled', 'ready') AND t.unique_key IS NOT NULL WHERE j.id = ",
        )
        .bind::<Uuid, _>(self.id, " AND j.lease_token = ")
        .bind::<Uuid, _>(self.token, " FOR UPDATE OF t")
        .get_result(conn)
        .await
        .optional()?;
        Ok(twin.map(|twin| twin.id))
    }

    async fn wait_again(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
        statement("UPDATE jobs SET run_at = coalesce(")
            .bind::<Nullable<Timestamptz>, _>(self.run_at, ", run_at), state = CASE WHEN coalesce(")
            .bind::<Nullable<Timestamptz>, _>(self.run_at, ", run_at) <= ")
            .bind::<Timestamptz, _>(now, " THEN 'ready' ELSE 'scheduled' END, attempt = attempt - ")
            .bind::<Integer, _>(self.attempts_given_back, ", crashes_alone = crashes_alone + ")
            .bind::<SmallInt, _>(self.crashes_alone, ", alone = alone OR ")
            .bind::<Bool, _>(self.run_alone, ", errors = errors || ")
            .bind::<Jsonb, _>(
                &self.error,
                ", lease_until = NULL, lease_token = NULL, started_at = NULL, worker_id = NULL, dispatched_at = NULL WHERE id = ",
            )
            .bind::<Uuid, _>(self.id, " AND lease_token = ")
            .bind::<Uuid, _>(self.token, " AND lease_until <= coalesce(")
            .bind::<Nullable<Timestamptz>, _>(self.expired_by, ", 'infinity')")
            .execute(conn)
            .await
    }

    /// The twin inherits attempt, errors, crashes and the mark to run alone, and for a retry the time: otherwise a stream
    /// of new facts would undo every backoff, and a poisonous job would start over with each of them.
    async fn merge_into(
        &self,
        twin: JobId,
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
    ) -> QueryResult<usize> {
        statement("WITH gone AS (DELETE FROM jobs WHERE id = ")
            .bind::<Uuid, _>(self.id, " AND lease_token = ")
            .bind::<Uuid, _>(self.token, " AND lease_until <= coalesce(")
            .bind::<Nullable<Timestamptz>, _>(
                self.expired_by,
                ", 'infinity') RETURNING *), ended AS (SELECT ",
            )
            .bind::<Integer, _>(self.attempts_given_back, " AS given_back, ")
            .bind::<SmallInt, _>(self.crashes_alone, "::smallint AS crashed, ")
            .bind::<Bool, _>(self.run_alone, " AS run_alone, ")
            .bind::<Jsonb, _>(&self.error, " AS error, ")
            .bind::<Nullable<Timestamptz>, _>(
                self.run_at,
                "::timestamptz AS again_at, gone.* FROM gone), \
                 heir AS (UPDATE jobs t SET \
                 attempt = least(greatest(t.attempt, e.attempt - e.given_back), t.max_attempts - 1), \
                 errors = e.errors || e.error || t.errors, \
                 crashes_alone = greatest(t.crashes_alone, e.crashes_alone + e.crashed), \
                 alone = t.alone OR e.alone OR e.run_alone, run_at = coalesce(e.again_at, t.run_at), \
                 state = CASE WHEN coalesce(e.again_at, t.run_at) <= ",
            )
            .bind::<Timestamptz, _>(
                now,
                " THEN 'ready' ELSE 'scheduled' END, dispatched_at = NULL FROM ended e WHERE t.id = ",
            )
            .bind::<Uuid, _>(
                twin,
                concat!(
                    ") INSERT INTO job_history (",
                    history_columns!(),
                    ", crashes_alone, errors, state, finished_at) SELECT ",
                    history_columns!(),
                    ", crashes_alone + crashed, errors || error, 'superseded', "
                ),
            )
            .bind::<Timestamptz, _>(now, " FROM ended")
            .execute(conn)
            .await
    }

    /// Moves the row to the dead, with its errors.
    pub(crate) async fn bury(
        &self,
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
    ) -> QueryResult<Settled> {
        let moved = statement("WITH gone AS (DELETE FROM jobs WHERE id = ")
            .bind::<Uuid, _>(self.id, " AND lease_token = ")
            .bind::<Uuid, _>(self.token, " AND lease_until <= coalesce(")
            .bind::<Nullable<Timestamptz>, _>(
                self.expired_by,
                concat!(
                    ", 'infinity') RETURNING *) INSERT INTO job_history (",
                    history_columns!(),
                    ", crashes_alone, errors, state, finished_at) SELECT ",
                    history_columns!(),
                    ", crashes_alone + "
                ),
            )
            .bind::<SmallInt, _>(self.crashes_alone, ", errors || ")
            .bind::<Jsonb, _>(&self.error, ", 'dead', ")
            .bind::<Timestamptz, _>(now, " FROM gone")
            .execute(conn)
            .await?;
        Ok(if moved == 1 { Settled::Dead } else { Settled::Lost })
    }
}
