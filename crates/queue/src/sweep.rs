use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Bool, Integer, Nullable, SmallInt, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{JobId, LeaseToken, WorkerId};

use crate::{
    Settled,
    hand_back::{HandBack, Run, attempt_error},
    statement::statement,
};

/// So many crashes that nobody else can have caused, and a job is poison.
pub const POISON_AFTER: i16 = 3;

/// How many expired leases one round looks at.
const ROUND: &str = " ORDER BY lease_until LIMIT 500";

#[derive(QueryableByName)]
struct Expired {
    #[diesel(sql_type = Uuid)]
    id: JobId,
    #[diesel(sql_type = Uuid)]
    lease_token: LeaseToken,
    #[diesel(sql_type = Bool)]
    alone: bool,
    #[diesel(sql_type = Integer)]
    attempt: i32,
    #[diesel(sql_type = SmallInt)]
    crashes_alone: i16,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    started_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Uuid>)]
    worker_id: Option<WorkerId>,
}

/// Takes back the jobs whose lease ended at or before `now`: each is ready again and marked to run alone, so that the next
/// crash can be blamed on it and on nobody else. One that crashed alone for the third time is dead.
///
/// Row by row, each in its own transaction: one that cannot be taken back must not hold up the others. Answers what became
/// of each.
///
/// # Errors
/// Those of the database while listing; an error of a single row is logged and the row is left to the next round.
pub async fn sweep(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Vec<(JobId, Settled)>> {
    let expired: Vec<Expired> = statement(
        "SELECT id, lease_token, alone, attempt, crashes_alone, started_at, worker_id FROM jobs WHERE state = 'running' AND lease_until <= ",
    )
    .bind::<Timestamptz, _>(now, ROUND)
    .load(conn)
    .await?;
    let mut swept = Vec::with_capacity(expired.len());
    for row in expired {
        match row.take_back(conn, now).await {
            Ok(Settled::Lost) => {}
            Ok(settled) => swept.push((row.id, settled)),
            Err(error) => {
                tracing::warn!(job.id = %row.id, %error, "a job with an expired lease was not taken back")
            }
        }
    }
    Ok(swept)
}

impl Expired {
    async fn take_back(&self, conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Settled> {
        let company = if self.alone { "alone" } else { "beside others" };
        let error = format!("its worker died or lost the lease while the job ran {company}");
        let run = Run { attempt: self.attempt, started_at: self.started_at, worker: self.worker_id };
        let hand_back = HandBack {
            id: self.id,
            token: self.lease_token,
            expired_by: Some(now),
            error: attempt_error(&run, &error, now),
            run_at: None,
            crashes_alone: i16::from(self.alone),
            run_alone: true,
            attempts_given_back: 1,
        };
        if self.alone && self.crashes_alone + 1 >= POISON_AFTER {
            hand_back.bury(conn, now).await
        } else {
            hand_back.requeue(conn, now).await
        }
    }
}
