use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{OperationId, RewardId};
use money::Currency;
use serde::Deserialize;

use super::{
    Simulation, SimulationFailure,
    cells::{Cells, Split, Window},
    earned, rows,
};
use crate::{
    act::Act,
    ledger::Owner,
    operations::Operation,
    programs::Program,
    rewards::{Book, Effect, Made, Replay},
    schema::simulations,
    scope::AccountScope,
    stats::DateRange,
    terms::{Terms, TermsInForce},
    transactions::Line,
};

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulated {
    /// The answer is there.
    Done {
        /// How many events were read.
        events: usize,
    },
    /// It is no longer to be done.
    Nothing,
    /// There is none, and trying again would change nothing.
    Failed(SimulationFailure),
}

/// A reward that the simulation made, by an event of the range.
struct Kept {
    reward: RewardId,
    whose: (Owner, NaiveDate, Currency),
    split: Split,
}

impl Simulation {
    /// Does the simulation of this operation in the caller's transaction: reads all that the program's writer of rewards has
    /// evaluated, under the same terms but for those of the range, and writes the difference down. How far it is, it tells on
    /// the connection `beside`, which is in no transaction: others see it while it runs.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(
        conn: &mut AsyncPgConnection,
        beside: &mut AsyncPgConnection,
        operation_id: OperationId,
        act: &Act,
    ) -> QueryResult<Simulated> {
        let simulation: Option<Self> =
            simulations::table.find(operation_id).select(Self::as_select()).first(conn).await.optional()?;
        let Some(simulation) = simulation.filter(|simulation| simulation.failure.is_none()) else {
            return Ok(Simulated::Nothing);
        };
        match simulation.compute(conn, beside, act).await? {
            Ok((events, cells)) => {
                rows::insert(conn, &simulation, cells).await?;
                Operation::finish(conn, operation_id, events, act.now).await?;
                Ok(Simulated::Done { events })
            }
            Err(failure) => {
                diesel::update(simulations::table.find(operation_id))
                    .set(simulations::failure.eq(failure))
                    .execute(conn)
                    .await?;
                Ok(Simulated::Failed(failure))
            }
        }
    }

    async fn compute(
        &self,
        conn: &mut AsyncPgConnection,
        beside: &mut AsyncPgConnection,
        act: &Act,
    ) -> QueryResult<Result<(usize, Cells), SimulationFailure>> {
        let scope = AccountScope::whole(self.account_id);
        let program = Program::find(conn, &scope, self.program_id).await?;
        let (Some(program), Ok(range)) = (program, DateRange::new(self.from_day, self.to_day)) else {
            return Ok(Err(SimulationFailure::Uncomputable));
        };
        let window = Window::new(program.calendar(), range);
        let mut cells = Cells::default();
        let up_to = match earned::up_to_now(beside, &program, window, &mut cells).await? {
            Ok(up_to) => up_to,
            Err(failure) => return Ok(Err(failure)),
        };
        // After that: what was earned may be by a version that was published a moment ago.
        let Some(versions) = self.versions(conn, window).await? else {
            return Ok(Err(SimulationFailure::Uncomputable));
        };
        let total = Replay::count(conn, program.id, up_to, i64::MAX).await?;
        let mut replay = Replay::begin(conn, &program, versions, up_to).await?;
        let (mut events, mut kept) = (0, Vec::new());
        loop {
            let read = replay.next(conn, |effects| keep(effects, window, &mut cells, &mut kept)).await?;
            match read {
                Ok(0) => break,
                Ok(more) => {
                    events += more;
                    Operation::tell(beside, self.operation_id, (events, total), act.now).await?;
                }
                Err(why) => {
                    tracing::warn!(operation.id = %self.operation_id, %why, "terms cannot be simulated");
                    return Ok(Err(SimulationFailure::Uncomputable));
                }
            }
        }
        let added = add(replay.book(), kept, &mut cells);
        Ok(added.map(|()| (events, cells)))
    }

    /// The version that is tried, as it was when it was asked.
    ///
    /// # Errors
    /// When it was stored by a binary that knew other words.
    pub fn tried(&self) -> serde_json::Result<Terms> {
        Terms::deserialize(&self.terms)
    }

    /// The published versions, without those for the same people that begin within the range, and the one that is tried, which begins with it; nothing if
    /// one cannot be read.
    async fn versions(
        &self,
        conn: &mut AsyncPgConnection,
        window: Window,
    ) -> QueryResult<Option<Vec<TermsInForce>>> {
        let published = Terms::published(conn, self.account_id, &[self.program_id]).await?;
        let Ok(tried) = self.tried() else { return Ok(None) };
        let highest = published.iter().map(|version| version.number).max().unwrap_or(0).max(tried.number);
        let tried = Terms { number: highest + 1, effective_from: Some(window.from), ..tried };
        let stays = |version: &&Terms| {
            let is_out = version.effective_from.is_some_and(|from| from < window.from || from >= window.to);
            is_out || version.whose() != tried.whose()
        };
        let all = published.iter().filter(stays).chain([&tried]);
        Ok(all.map(|version| version.in_force().ok().flatten()).collect())
    }
}

/// Keeps what later counts of the rewards of one fact.
fn keep(effects: Vec<Effect>, window: Window, cells: &mut Cells, kept: &mut Vec<Kept>) {
    let mut lines: Vec<Line> = Vec::new();
    for effect in effects {
        match effect {
            Effect::Evaluated(evaluated) => {
                lines = evaluated.facts.sale.map(|sale| sale.lines).unwrap_or_default();
            }
            Effect::Earned(made) => {
                let Made { id, beneficiary, currency, event_at, lines: made_of, .. } = *made;
                if let Some(month) = window.month(event_at) {
                    let split = cells.split(&lines, &made_of);
                    kept.push(Kept { reward: id, whose: (beneficiary, month, currency), split });
                }
            }
            Effect::Net { .. } => {}
        }
    }
}

/// Adds what is left of them in the end.
fn add(book: &Book<'_>, kept: Vec<Kept>, cells: &mut Cells) -> Result<(), SimulationFailure> {
    for Kept { reward, whose, split } in kept {
        let net = book.reward(reward).map_or(0, |reward| reward.present_net());
        cells.add(whose, net, &split, |amounts| &mut amounts.simulated)?;
    }
    Ok(())
}
