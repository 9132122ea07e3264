use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;

use super::Program;
use crate::{prepared::Prepare, schema::reward_cursors, scope::AccountScope};

/// Where a program's one ordered writer of rewards stands in the feed. Its row is the first lock of everything that
/// computes or changes rewards of the program.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = reward_cursors)]
pub struct Cursor {
    /// The program.
    pub program_id: ProgramId,
    /// The last position that was evaluated.
    pub position: i64,
    /// The latest own time of an event that was evaluated.
    pub latest_event_at: Option<DateTime<Utc>>,
    /// Since when it stands before a fact that cannot be computed. Nothing behind that is computed before
    /// [`Cursor::resume`].
    pub stopped_at: Option<DateTime<Utc>>,
    /// What all rewards in the program's currency come to now, in minor units: manual ones are not among them.
    pub budget_spent: i64,
    /// What is counted of the history, as the writer of rewards keeps it.
    pub tracked: Option<serde_json::Value>,
}

/// Programs whose writer of rewards stands before a fact that cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoppedPrograms {
    /// How many, counted up to 10,000.
    pub count: i64,
    /// Since when the first of them.
    pub oldest: Option<DateTime<Utc>>,
}

impl Cursor {
    pub(super) async fn create(conn: &mut AsyncPgConnection, program: &Program) -> QueryResult<()> {
        diesel::insert_into(reward_cursors::table)
            .values((
                reward_cursors::program_id.eq(program.id),
                reward_cursors::account_id.eq(program.account_id),
                reward_cursors::position.eq(0),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Locks the row until the transaction ends, waiting for whoever has it. Statements after this one see all that the
    /// former holder committed.
    ///
    /// # Errors
    /// The database's; `NotFound` when there is no such program.
    pub async fn lock(conn: &mut AsyncPgConnection, program_id: ProgramId) -> QueryResult<Self> {
        reward_cursors::table.find(program_id).for_update().select(Self::as_select()).first(conn).await
    }

    /// The last position of that program that was evaluated.
    ///
    /// # Errors
    /// The database's; `NotFound` when there is no such program.
    pub async fn position_of(conn: &mut AsyncPgConnection, program_id: ProgramId) -> QueryResult<i64> {
        reward_cursors::table.find(program_id).select(reward_cursors::position).first(conn).await
    }

    /// Marks the program as stopped before the fact at `position`. Needs [`Cursor::lock`] in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn stop(
        &self,
        conn: &mut AsyncPgConnection,
        position: i64,
        why: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        diesel::update(reward_cursors::table.find(self.program_id))
            .set((
                reward_cursors::stopped_position.eq(position),
                reward_cursors::stopped_why.eq(why),
                reward_cursors::stopped_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Takes the mark from a stopped program, so that its next run tries the fact again; answers whether there was one. A
    /// run that is under way is waited for.
    ///
    /// # Errors
    /// The database's.
    pub async fn resume(conn: &mut AsyncPgConnection, program_id: ProgramId) -> QueryResult<bool> {
        let stopped = reward_cursors::table.find(program_id).filter(reward_cursors::stopped_at.is_not_null());
        let rows = diesel::update(stopped)
            .set((
                reward_cursors::stopped_position.eq(None::<i64>),
                reward_cursors::stopped_why.eq(None::<String>),
                reward_cursors::stopped_at.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)
            .await?;
        Ok(rows == 1)
    }

    /// The stopped programs in reach, or without a scope those of the instance.
    ///
    /// # Errors
    /// The database's.
    pub async fn stopped(
        conn: &mut AsyncPgConnection,
        scope: Option<&AccountScope>,
    ) -> QueryResult<StoppedPrograms> {
        let mut query = reward_cursors::table
            .filter(reward_cursors::stopped_at.is_not_null())
            .order(reward_cursors::stopped_at)
            .limit(10_000)
            .into_boxed();
        if let Some(scope) = scope {
            query = query.filter(reward_cursors::account_id.eq(scope.account_id));
            if let Some(programs) = scope.programs() {
                query = query.filter(reward_cursors::program_id.eq_any(programs.to_vec()));
            }
        }
        let since: Vec<Option<DateTime<Utc>>> = query.select(reward_cursors::stopped_at).load(conn).await?;
        let count = i64::try_from(since.len()).unwrap_or(10_000);
        Ok(StoppedPrograms { count, oldest: since.into_iter().next().flatten() })
    }

    /// Notes that all rewards in the program's currency come to so much more. Needs [`Cursor::lock`] in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn spend(&self, conn: &mut AsyncPgConnection, change: i64) -> QueryResult<()> {
        diesel::update(reward_cursors::table.find(self.program_id))
            .set(reward_cursors::budget_spent.eq(reward_cursors::budget_spent + change))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Moves the cursor, with what all rewards in the program's currency come to then. Needs [`Cursor::lock`] in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn advance(
        &self,
        conn: &mut AsyncPgConnection,
        position: i64,
        latest_event_at: Option<DateTime<Utc>>,
        budget_spent: i64,
    ) -> QueryResult<()> {
        diesel::update(reward_cursors::table.find(self.program_id))
            .set((
                reward_cursors::position.eq(position),
                reward_cursors::latest_event_at.eq(self.latest_event_at.max(latest_event_at)),
                reward_cursors::budget_spent.eq(budget_spent),
            ))
            .prepared()
            .execute(conn)
            .await?;
        Ok(())
    }
}
