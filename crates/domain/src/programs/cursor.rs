use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;

use super::Program;
use crate::{prepared::Prepare, schema::reward_cursors};

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

    /// Moves the cursor. Needs [`Cursor::lock`] in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn advance(
        &self,
        conn: &mut AsyncPgConnection,
        position: i64,
        latest_event_at: Option<DateTime<Utc>>,
    ) -> QueryResult<()> {
        diesel::update(reward_cursors::table.find(self.program_id))
            .set((
                reward_cursors::position.eq(position),
                reward_cursors::latest_event_at.eq(self.latest_event_at.max(latest_event_at)),
            ))
            .prepared()
            .execute(conn)
            .await?;
        Ok(())
    }
}
