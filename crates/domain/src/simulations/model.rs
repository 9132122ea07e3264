use chrono::NaiveDate;
use diesel::prelude::*;
use ids::{AccountId, OperationId, ProgramId, TermsId};
use serde::Serialize;

use crate::{schema::simulations, text_enum};

text_enum! {
    /// Why there is no answer.
    SimulationFailure {
        /// More than 500,000 rows: a shorter range has fewer.
        TooManyRows = "TOO_MANY_ROWS",
        /// A recorded fact or an amount cannot be computed.
        Uncomputable = "UNCOMPUTABLE",
    }
}

/// A run of terms over the recorded history of their program.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = simulations)]
pub struct Simulation {
    /// The operation that does it.
    pub operation_id: OperationId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The version that is tried.
    pub terms_id: TermsId,
    /// That version as it stood when it was asked: a JSON [`crate::terms::Terms`]. A draft may be changed or deleted since.
    pub terms: serde_json::Value,
    /// The first local date of the events that are looked at.
    pub from_day: NaiveDate,
    /// The local date behind the last.
    pub to_day: NaiveDate,
    /// Why there is no answer.
    pub failure: Option<SimulationFailure>,
}
