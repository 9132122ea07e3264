use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{AccountId, FileId, PayoutBatchId, PayoutId, PayoutResultsId, PayoutSubmissionId, ProgramId};
use serde::Serialize;

use super::{BatchStatus, PayoutBatch, Rail, ReadResults, Reading, Settlement, WholeOrder, settle};
use crate::{
    act::Act,
    audit,
    files::File,
    payouts::{Payout, PayoutStatus},
    schema::{payout_results, payout_submissions, payouts},
    scope::AccountScope,
    text_enum,
};

/// The most payouts that are settled in one transaction: each may have hundreds of rewards.
const RANGE: usize = 500;

/// The most sentences that are kept of what could not be used.
const MOST_PROBLEMS: usize = 100;

/// The most that are shown of a batch.
const MOST_SHOWN: i64 = 100;

/// The newest of each batch.
const NEWEST: &str = "\
    SELECT mine.* FROM unnest($2) AS wanted (batch_id) CROSS JOIN LATERAL ( \
        SELECT r.* FROM payout_results r WHERE r.account_id = $1 AND r.batch_id = wanted.batch_id \
        ORDER BY r.id DESC LIMIT $3) mine \
    ORDER BY mine.id DESC";

text_enum! {
    /// How far a result file is.
    ResultsStatus {
        /// A job will read it.
        Pending = "PENDING",
        /// It was read: what could be used has had its effect.
        Read = "READ",
        /// It is no result file at all, or cannot be opened any more. What it had settled stays so.
        Refused = "REFUSED",
    }
}

/// What somebody brings back from a bank or a provider about a batch that goes by files or by hand.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, Serialize)]
#[diesel(table_name = payout_results)]
pub struct PayoutResults {
    /// Its id.
    pub id: PayoutResultsId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The batch that it is about.
    pub batch_id: PayoutBatchId,
    /// The file.
    pub file_id: FileId,
    /// How far it is.
    pub status: ResultsStatus,
    /// How many payouts it brought to an end.
    pub settled: i32,
    /// Of how many it said what was known already.
    pub unchanged: i32,
    /// What could not be used, a sentence for each line; the first 100.
    pub problems: Vec<String>,
    /// Who brought it, as [`Actor`](crate::act::Actor) prints.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// No such batch in reach.
    #[error("no such batch")]
    NotFound,
    /// No such file in reach.
    #[error("no such file")]
    FileNotFound,
    /// Nothing of it is on its way or was paid.
    #[error("the batch is {current}")]
    WrongState {
        /// Where it stands.
        current: BatchStatus,
    },
    /// The provider says what became of its payouts, not a file.
    #[error("{rail} tells itself")]
    ToldByProvider {
        /// Its rail.
        rail: Rail,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PayoutResults {
    /// Takes a file of results for the batch `id`; a job reads it. The same file again answers with what came of it.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub async fn bring(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        (id, file_id): (PayoutBatchId, FileId),
        act: &Act,
    ) -> Result<Self, ResultsError> {
        conn.transaction(async |conn| {
            let batch = PayoutBatch::find_locked(conn, scope, id).await?.ok_or(ResultsError::NotFound)?;
            if batch.rail.is_called() {
                return Err(ResultsError::ToldByProvider { rail: batch.rail });
            }
            use BatchStatus::{Completed, Executing, PartlyFailed};
            if !matches!(batch.status, Executing | Completed | PartlyFailed) {
                return Err(ResultsError::WrongState { current: batch.status });
            }
            if !File::is_given(conn, scope, file_id).await? {
                return Err(ResultsError::FileNotFound);
            }
            let known: Option<Self> = payout_results::table
                .filter(payout_results::account_id.eq(scope.account_id))
                .filter(payout_results::batch_id.eq(id))
                .filter(payout_results::file_id.eq(file_id))
                .select(Self::as_select())
                .first(conn)
                .await
                .optional()?;
            match known {
                Some(known) => Ok(known),
                None => Ok(Self::take(conn, &batch, file_id, act).await?),
            }
        })
        .await
    }

    async fn take(
        conn: &mut AsyncPgConnection,
        batch: &PayoutBatch,
        file_id: FileId,
        act: &Act,
    ) -> QueryResult<Self> {
        let results = Self {
            id: act.ids.next(act.now),
            account_id: batch.account_id,
            program_id: batch.program_id,
            batch_id: batch.id,
            file_id,
            status: ResultsStatus::Pending,
            settled: 0,
            unchanged: 0,
            problems: Vec::new(),
            created_by: act.actor.to_string(),
            created_at: act.now,
            read_at: None,
        };
        diesel::insert_into(payout_results::table).values(&results).execute(conn).await?;
        let job = ReadResults { account_id: batch.account_id, results_id: results.id };
        queue::enqueue(conn, act.now, &act.ids, &[batch.job(&job, act)]).await?;
        let change = (None, Some(&results));
        audit::record(conn, act, batch.account_id, "payoutBatchImportResults", batch.id, change).await?;
        Ok(results)
    }

    /// The file that waits to be read, its row locked until the transaction ends, with its batch; `None` if it does not wait.
    ///
    /// # Errors
    /// The database's.
    pub async fn waiting(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: PayoutResultsId,
    ) -> QueryResult<Option<(Self, PayoutBatch)>> {
        let found: Option<Self> = payout_results::table
            .filter(payout_results::account_id.eq(account_id))
            .filter(payout_results::id.eq(id))
            .filter(payout_results::status.eq(ResultsStatus::Pending))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        let Some(found) = found else { return Ok(None) };
        // The batch comes first in the order of locks; whoever else reads the same file waits here.
        let batch = PayoutBatch::lock_all(conn, account_id, &[found.batch_id]).await?.pop();
        let still: Option<Self> = payout_results::table
            .filter(payout_results::id.eq(id))
            .filter(payout_results::status.eq(ResultsStatus::Pending))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(still.zip(batch))
    }

    /// Writes down that it is no result file, and why, in the caller's transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn refuse(self, conn: &mut AsyncPgConnection, why: String, act: &Act) -> QueryResult<()> {
        Self { status: ResultsStatus::Refused, problems: vec![why], read_at: Some(act.now), ..self }
            .store(conn)
            .await
    }

    /// Settles what was read of it, in the caller's transaction, which has it from [`PayoutResults::waiting`]. A line that cannot
    /// be used is told, and costs no other.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(self, conn: &mut AsyncPgConnection, reading: Reading, act: &Act) -> QueryResult<()> {
        let mut reading = reading.by_whole_ids(conn, (self.account_id, self.batch_id)).await?;
        // A file may have thousands of payouts, each with hundreds of rewards.
        conn.batch_execute("SET LOCAL statement_timeout = '50s'").await?;
        let scope = AccountScope::whole(self.account_id);
        let ids: Vec<PayoutId> = reading.said.iter().filter_map(|(name, _)| name.parse().ok()).collect();
        let found = Payout::find_all(conn, &scope, &ids).await?;
        let found: BTreeMap<PayoutId, Payout> = found
            .into_iter()
            .filter(|payout| payout.batch_id == Some(self.batch_id))
            .map(|payout| (payout.id, payout))
            .collect();
        let (mut settlements, mut unchanged) = (Vec::new(), 0);
        if let Some(WholeOrder { order, verdict, except }) = &reading.whole {
            match self.waiting_of(conn, order).await? {
                None => reading.problems.push(format!("{order} is no order of this batch.")),
                Some(waiting) => {
                    let is_named = |id: &PayoutId| found.contains_key(id) || except.contains(&id.to_string());
                    let others = waiting.into_iter().filter(|payout_id| !is_named(payout_id));
                    let settled = |payout_id| Settlement { payout_id, verdict: verdict.clone() };
                    settlements.extend(others.map(settled));
                }
            }
        }
        let mut reading = reading.once();
        let mut problems = std::mem::take(&mut reading.problems);
        for (name, verdict) in &reading.said {
            let payout = name.parse().ok().and_then(|id: PayoutId| found.get(&id));
            match reading.judge((name, verdict), payout) {
                Ok(Some(settlement)) => settlements.push(settlement),
                Ok(None) => unchanged += 1,
                Err(problem) => problems.push(problem),
            }
        }
        // The trail names whoever brought it, not the job that reads it.
        let brings = act.by(self.created_by.parse().unwrap_or(act.actor));
        let is_last = settlements.len() <= RANGE;
        settlements.truncate(RANGE);
        let settled = settle(conn, self.account_id, &settlements, &brings).await?;
        problems.truncate(MOST_PROBLEMS);
        let settled = self.settled.saturating_add(i32::try_from(settled.len()).unwrap_or(i32::MAX));
        if !is_last {
            return Self { settled, ..self }.read_on(conn, act).await;
        }
        // What earlier ranges have settled is known by now.
        let unchanged = i32::max(unchanged - self.settled, 0);
        let read_at = Some(act.now);
        Self { status: ResultsStatus::Read, settled, unchanged, problems, read_at, ..self }.store(conn).await
    }

    /// Another job reads the file again, and settles the next range.
    async fn read_on(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        self.store(conn).await?;
        let job = ReadResults { account_id: self.account_id, results_id: self.id };
        let job = queue::NewJob::of(&job).account(self.account_id);
        let job = job.caused_by(act.request_id.clone(), act.traceparent.clone());
        queue::enqueue(conn, act.now, &act.ids, &[job]).await.map(|_| ())
    }

    /// The payouts on their way of a submission of the batch; none if it has no such submission.
    async fn waiting_of(
        &self,
        conn: &mut AsyncPgConnection,
        reference: &str,
    ) -> QueryResult<Option<Vec<PayoutId>>> {
        let id: Option<PayoutSubmissionId> = payout_submissions::table
            .filter(payout_submissions::account_id.eq(self.account_id))
            .filter(payout_submissions::batch_id.eq(self.batch_id))
            .filter(payout_submissions::reference.eq(reference))
            .select(payout_submissions::id)
            .first(conn)
            .await
            .optional()?;
        let Some(id) = id else { return Ok(None) };
        let waiting = payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::submission_id.eq(id))
            .filter(payouts::status.eq(PayoutStatus::Sending))
            .select(payouts::id);
        waiting.load(conn).await.map(Some)
    }

    async fn store(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        diesel::update(payout_results::table.find(self.id))
            .set((
                payout_results::status.eq(self.status),
                payout_results::settled.eq(self.settled),
                payout_results::unchanged.eq(self.unchanged),
                payout_results::problems.eq(&self.problems),
                payout_results::read_at.eq(self.read_at),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// What was brought for these batches, which were found in the scope: of each the newest 100, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_batches(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        batches: &[PayoutBatchId],
    ) -> QueryResult<Vec<Self>> {
        diesel::sql_query(NEWEST)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(batches)
            .bind::<BigInt, _>(MOST_SHOWN)
            .load(conn)
            .await
    }
}
