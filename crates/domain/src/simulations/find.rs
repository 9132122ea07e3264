use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::OperationId;

use super::Simulation;
use crate::{
    operations::Operation,
    schema::{operations, simulations},
    scope::AccountScope,
};

impl Simulation {
    /// The simulation of that operation with the operation, if its program is in reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: OperationId,
    ) -> QueryResult<Option<(Self, Operation)>> {
        let found: Option<(Self, Operation)> = simulations::table
            .inner_join(operations::table.on(operations::id.eq(simulations::operation_id)))
            .filter(simulations::account_id.eq(scope.account_id))
            .filter(simulations::operation_id.eq(id))
            .select((Self::as_select(), Operation::as_select()))
            .first(conn)
            .await
            .optional()?;
        Ok(found.filter(|(simulation, _)| scope.allows(simulation.program_id)))
    }
}
