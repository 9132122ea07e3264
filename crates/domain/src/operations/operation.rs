use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId, OperationId};
use queue::find::JobState;

use super::JobScope;
use crate::{schema::operations, text_enum};

text_enum! {
    /// What is done.
    OperationKind {
        /// Dead jobs are retried.
        JobsRetry = "JOBS_RETRY",
        /// Rewards under review are approved.
        RewardsApprove = "REWARDS_APPROVE",
        /// Rewards under review or held are rejected.
        RewardsReject = "REWARDS_REJECT",
        /// Terms are run over recorded history.
        TermsSimulate = "TERMS_SIMULATE",
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationState {
    /// A job goes on with it.
    Running,
    /// All of it is done.
    Done,
    /// The job that should go on was given up or cancelled; what was done stays. Retrying that job goes on.
    Failed,
}

/// Work that a person began and that jobs go on with, a batch at a time.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = operations)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The account whose member began it; none for an operator of the instance.
    pub account_id: Option<AccountId>,
    /// What is done.
    pub kind: OperationKind,
    /// Why, of rejections alone: 1 to 500 characters.
    pub reason: Option<String>,
    /// The job that goes on with it, or that ended it.
    pub job_id: JobId,
    /// How many there were to do when it began, as far as counting went; of a simulation, what its run counted.
    pub total: i64,
    /// Whether there may be more than were counted.
    pub total_capped: bool,
    /// How many are done.
    pub done: i64,
    /// Who began it, as [`Actor`](crate::act::Actor) prints.
    pub started_by: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its last batch was done.
    pub updated_at: DateTime<Utc>,
    /// When all of it was done.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Operation {
    /// Where it stands, given where its job does; `None` for a job that is not kept any more.
    pub fn state(&self, job: Option<JobState>) -> OperationState {
        match (self.finished_at, job) {
            (Some(_), _) => OperationState::Done,
            (None, Some(JobState::Dead | JobState::Cancelled) | None) => OperationState::Failed,
            (None, Some(_)) => OperationState::Running,
        }
    }

    /// The operation of that id, if it is in reach: of the account, or for operators whosever it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: JobScope,
        id: OperationId,
    ) -> QueryResult<Option<Self>> {
        let found: Option<Self> =
            operations::table.find(id).select(Self::as_select()).first(conn).await.optional()?;
        Ok(found.filter(|operation| match scope {
            JobScope::Instance => true,
            JobScope::Account(account_id) => operation.account_id == Some(account_id),
            JobScope::Nothing => false,
        }))
    }

    pub(crate) async fn begin(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        diesel::insert_into(operations::table).values(self).execute(conn).await?;
        Ok(())
    }

    /// Notes that so many more are done, and which job goes on; without one, all is done.
    pub(crate) async fn advance(
        conn: &mut AsyncPgConnection,
        id: OperationId,
        done: usize,
        next: Option<JobId>,
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        let done = i64::try_from(done).unwrap_or(i64::MAX);
        let row = operations::table.find(id);
        let noted = (operations::done.eq(operations::done + done), operations::updated_at.eq(now));
        match next {
            Some(job_id) => {
                diesel::update(row).set((noted, operations::job_id.eq(job_id))).execute(conn).await?
            }
            None => diesel::update(row).set((noted, operations::finished_at.eq(now))).execute(conn).await?,
        };
        Ok(())
    }

    /// Tells how many of all are done, while a run that is one transaction goes on: on a connection of its own.
    pub(crate) async fn tell(
        conn: &mut AsyncPgConnection,
        id: OperationId,
        (done, total): (usize, i64),
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        diesel::update(operations::table.find(id))
            .set((
                operations::done.eq(i64::try_from(done).unwrap_or(i64::MAX)),
                (operations::total.eq(total), operations::total_capped.eq(false)),
                operations::updated_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// All of it is done.
    pub(crate) async fn finish(
        conn: &mut AsyncPgConnection,
        id: OperationId,
        done: usize,
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        diesel::update(operations::table.find(id))
            .set((
                operations::done.eq(i64::try_from(done).unwrap_or(i64::MAX)),
                (operations::updated_at.eq(now), operations::finished_at.eq(now)),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ids::IdSource;

    use super::*;

    #[test]
    fn an_operation_stands_where_its_job_does_until_it_is_done() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let ids = IdSource::seeded(1);
        let mut operation = Operation {
            id: ids.next(now),
            account_id: None,
            kind: OperationKind::JobsRetry,
            reason: None,
            job_id: ids.next(now),
            total: 2,
            total_capped: false,
            done: 1,
            started_by: "system".to_owned(),
            started_at: now,
            updated_at: now,
            finished_at: None,
        };
        for (job, expected) in [
            (Some(JobState::Ready), OperationState::Running),
            (Some(JobState::Scheduled), OperationState::Running),
            (Some(JobState::Dead), OperationState::Failed),
            (Some(JobState::Cancelled), OperationState::Failed),
            (None, OperationState::Failed),
        ] {
            assert_eq!(operation.state(job), expected, "{job:?}");
        }
        operation.finished_at = Some(now);
        assert_eq!(operation.state(None), OperationState::Done);
    }
}
