use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, FileId, PartnerId, ProgramId, StatementId, TypedId};
use money::{Currency, Money};
use serde::Serialize;

use super::Month;
use crate::{schema::statements, text_enum};

text_enum! {
    /// Where a paper stands.
    PaperStatus {
        /// Asked for; a job renders it.
        Pending = "PENDING",
        /// Made. It never changes any more.
        Ready = "READY",
    }
}

/// What happened to what a partner is owed within a month. Once it is ready it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, Serialize)]
#[diesel(table_name = statements)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Who is owed.
    pub partner_id: PartnerId,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The month of the program's calendar.
    pub month: Month,
    /// What it is called on paper, unique in the account.
    pub number: String,
    /// Where it stands.
    pub status: PaperStatus,
    /// What was owed before the month, in minor units; below 0 if the partner owed it. `None` until it is ready, as what follows.
    pub opening: Option<i64>,
    /// What was owed after the month.
    pub closing: Option<i64>,
    /// As PDF.
    pub pdf_id: Option<FileId>,
    /// As CSV.
    pub csv_id: Option<FileId>,
    /// As canonical JSON.
    pub json_id: Option<FileId>,
    /// The Ed25519 signature of exactly the bytes of the JSON; `None` where there was no key.
    pub signature: Option<Vec<u8>>,
    /// The key that signed.
    pub key_id: Option<String>,
    /// Who asked for it, as [`Actor`](crate::act::Actor) prints.
    pub requested_by: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was made.
    pub ready_at: Option<DateTime<Utc>>,
}

impl Statement {
    /// What was owed before the month.
    pub fn opening_money(&self) -> Option<Money> {
        Some(Money::new(self.opening?, self.currency))
    }

    /// What was owed after the month.
    pub fn closing_money(&self) -> Option<Money> {
        Some(Money::new(self.closing?, self.currency))
    }

    /// The number of a statement of this id: the month, and the part of the id that is chance. No gap means anything: what is not
    /// asked for is not stated.
    pub(super) fn number_of(id: StatementId, month: Month) -> String {
        let simple = id.uuid().simple().to_string().to_uppercase();
        format!("ST-{month}-{}", simple.get(20..).unwrap_or(&simple))
    }
}
