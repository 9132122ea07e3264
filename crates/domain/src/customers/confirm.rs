use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::PartnerId;
use serde::Serialize;

use super::{ConfirmedPayload, Customer, CustomerName, upsert_all::SIGNUP};
use crate::{
    act::Act,
    attribution::AttributionStatus,
    audit,
    deltas::Deltas,
    events::{self, EventKind},
    programs::{Program, ProgramStatus},
    schema::{attributions, customers},
    scope::AccountScope,
};

/// Why a customer was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// No such customer in reach.
    #[error("no such customer")]
    NotFound,
    /// The program is archived: nobody signs up any more.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps.
#[derive(Serialize)]
struct Trail {
    confirmed: bool,
}

impl Customer {
    /// Says that the customer gave the double opt-in. One who is confirmed stays as it is.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        name: &CustomerName,
        act: &Act,
    ) -> Result<Self, ConfirmError> {
        let found = name.find(conn, scope).await?.ok_or(ConfirmError::NotFound)?;
        if found.confirmed_at.is_some() {
            return Ok(found);
        }
        let program = Program::find(conn, scope, found.program_id).await?.ok_or(ConfirmError::NotFound)?;
        if !program.status.accepts_sales() {
            return Err(ConfirmError::WrongState { current: program.status });
        }
        conn.transaction(async |conn| {
            let waiting = found.locked(conn).await?;
            if waiting.confirmed_at.is_some() {
                return Ok(waiting);
            }
            let mut deltas = program.deltas();
            let confirmed = waiting.confirm_locked(conn, &program, &mut deltas, act).await?;
            deltas.append(conn).await?;
            let change = (Some(&Trail { confirmed: false }), Some(&Trail { confirmed: true }));
            audit::record(conn, act, confirmed.account_id, "customerConfirm", confirmed.id, change).await?;
            Ok(confirmed)
        })
        .await
    }

    /// The sign-up counts from now on, for the program and for the partner. The caller holds the row, so that nobody attributes
    /// the customer meanwhile.
    pub(super) async fn confirm_locked(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        deltas: &mut Deltas,
        act: &Act,
    ) -> QueryResult<Self> {
        let confirmed: Self = diesel::update(customers::table.find(self.id))
            .set((customers::confirmed_at.eq(act.now), customers::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let active = attributions::table
            .filter(attributions::account_id.eq(self.account_id))
            .filter(attributions::customer_id.eq(self.id))
            .filter(attributions::status.eq(AttributionStatus::Active));
        let partner: Option<PartnerId> = diesel::update(active)
            .set(attributions::counted_at.eq(act.now))
            .returning(attributions::partner_id)
            .get_result(conn)
            .await
            .optional()?;
        deltas.of_program(act.now, program.currency, SIGNUP);
        if let Some(partner) = partner {
            deltas.of_partner(partner, act.now, program.currency, SIGNUP);
        }
        let payload = ConfirmedPayload { customer_id: self.id, confirmed_at: act.now };
        events::record(conn, act, &[confirmed.event(EventKind::CustomerConfirmed, &payload)]).await?;
        Ok(confirmed)
    }
}
