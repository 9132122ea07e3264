use ids::{PartnerId, StatementId};
use money::Currency;
use serde::{Deserialize, Serialize};

use super::{Month, Statement};
use crate::events::{EventKind, NewEvent};

/// The payload of `statement.ready`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementPayload {
    /// The statement.
    pub statement_id: StatementId,
    /// Who is owed.
    pub partner_id: PartnerId,
    /// The month of the program's calendar.
    pub month: Month,
    /// What was owed before it, in minor units.
    pub opening: Option<i64>,
    /// What was owed after it.
    pub closing: Option<i64>,
    /// The currency of both.
    pub currency: Currency,
}

impl Statement {
    pub(super) fn event(&self) -> NewEvent {
        let payload = StatementPayload {
            statement_id: self.id,
            partner_id: self.partner_id,
            month: self.month,
            opening: self.opening,
            closing: self.closing,
            currency: self.currency,
        };
        NewEvent::of_program(self.account_id, self.program_id, EventKind::StatementReady, self.id, &payload)
    }
}
