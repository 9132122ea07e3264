//! What terms would have paid over recorded history, beside what was earned.

mod object;

use async_graphql::{Context, Object};
use domain::simulations::SimulateError;
use ids::{OperationId, TermsId};
pub use object::{Simulation, SimulationFailure, SimulationGroup, SimulationRow, SimulationTotal};

use super::{
    connection::connection,
    context::Request,
    error::{ApiError, Refusal, UserError},
    guard::{Needs, Permission, needs},
    operations::Operation,
    payload::payload,
    stats::DayRange,
};

connection!(
    /// Rows of a simulation: per currency the largest difference first.
    SimulationRowConnection, SimulationRowEdge, SimulationRow, domain::simulations::SimulationRow, |row| row.place
);

payload!(
    /// What a mutation that begins an operation answers.
    OperationPayload {
        /// The operation that goes on by itself; null when nothing was begun.
        operation: Operation
    }
);

/// What can be asked about simulations.
#[derive(Default)]
pub struct SimulationQuery;

#[Object]
impl SimulationQuery {
    /// The simulation of this operation, or null.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the operation that `termsSimulate` answered: `opr_...`")] id: OperationId,
    ) -> Result<Option<Simulation>, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let found = domain::simulations::Simulation::find(&mut conn, request.scope()?, id).await?;
        Ok(found.map(|(simulation, operation)| Simulation { simulation, operation }))
    }
}

/// What can be done about simulations.
#[derive(Default)]
pub struct SimulationMutation;

#[Object]
impl SimulationMutation {
    /// Runs terms over the recorded history of their program, and answers what they would have paid beside what was really
    /// earned: read `simulation` with the operation's id. No reward, ledger or event changes.
    ///
    /// The terms, a draft as it stands now or a published version, begin with the range; published versions for
    /// the same (everybody, a group, a partner) that begin within it are left out, and all others stay, so that under KEEP earlier customers keep theirs. All that the
    /// program has computed so far is read from its beginning: customers, sales, refunds, partners as they were. Amounts are what
    /// is left of the rewards today. Rejections by people and rewards given by hand are not simulated, nor are payouts: where a
    /// customer was given on with their past, all of it moves, also what was paid out before. Sales take the exchange rates that are
    /// stored today, and e-mail addresses are those of today.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms_simulate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`trm_...`")] id: TermsId,
        #[graphql(desc = "The events whose rewards count, by the local date of their own time.")]
        range: DayRange,
    ) -> Result<OperationPayload, ApiError> {
        let request = Request::of(ctx);
        let range = range.checked()?;
        let mut conn = request.conn().await?;
        OperationPayload::of(
            domain::simulations::Simulation::start(&mut conn, request.scope()?, id, range, &request.act)
                .await,
        )
    }
}

impl From<SimulateError> for Refusal {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::NotFound => UserError::not_found("id", "terms").into(),
            SimulateError::Database(error) => error.into(),
        }
    }
}
