use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, FileId, PayoutId, ProgramId, SelfBillingInvoiceId};
use serde::Serialize;

use crate::{schema::self_billing_invoices, statements::PaperStatus};

/// An invoice that an account makes out to itself. Its number is its own from the beginning; once it is ready it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = self_billing_invoices)]
pub struct SelfBillingInvoice {
    /// Its id.
    pub id: SelfBillingInvoiceId,
    /// The tenant, who was supplied and pays.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// What was paid.
    pub payout_id: PayoutId,
    /// The year of the account's calendar in which it was asked for.
    pub year: i32,
    /// The how many-th of the account in that year, from 1.
    pub place: i32,
    /// Where it stands.
    pub status: PaperStatus,
    /// As PDF; `None` until it is ready, as what follows.
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
    /// When it was asked for: the day on the invoice.
    pub created_at: DateTime<Utc>,
    /// When it was made.
    pub ready_at: Option<DateTime<Utc>>,
}

impl SelfBillingInvoice {
    /// What it is called on paper: `SB-2026-000001`.
    pub fn number(&self) -> String {
        format!("SB-{}-{:06}", self.year, self.place)
    }
}
