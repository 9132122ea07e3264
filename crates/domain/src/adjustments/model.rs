use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, AdjustmentId, ProgramId, TransactionId};
use money::Currency;

use super::RefundLines;
use crate::{schema::adjustments, text_enum};

text_enum! {
    /// What happened to a sale.
    AdjustmentKind {
        /// An amount, or amounts of lines, were given back.
        Refund = "REFUND",
        /// The payer's bank took everything back.
        Chargeback = "CHARGEBACK",
        /// A chargeback was disputed and won: it takes nothing back any more.
        ChargebackWon = "CHARGEBACK_WON",
        /// The sale never was: everything is taken back.
        Void = "VOID",
    }
}

text_enum! {
    /// What a refund's amount is a part of.
    AdjustmentBasis {
        /// The sale's gross, as processors report it: it counts as amount x net / gross, exactly.
        Gross = "GROSS",
        /// The sale's net.
        Net = "NET",
    }
}

text_enum! {
    /// Why an adjustment does not count.
    AdjustmentRefused {
        /// Its currency is not the sale's.
        OtherCurrency = "OTHER_CURRENCY",
        /// It names a line that the sale does not have.
        UnknownLine = "UNKNOWN_LINE",
    }
}

/// An adjustment of a sale. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = adjustments)]
pub struct Adjustment {
    /// Its id.
    pub id: AdjustmentId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The key of its sale; unknown only of a won dispute that arrived before its chargeback.
    pub transaction_key: Option<String>,
    /// The sale, once the program's writer has joined the two.
    pub transaction_id: Option<TransactionId>,
    /// What happened.
    pub kind: AdjustmentKind,
    /// The caller's name for it, unique in the program.
    pub key: String,
    /// The currency of its amounts; unknown where there are none and no sale told it.
    pub currency: Option<Currency>,
    /// What a refund gave back, as it was said.
    pub amount: Option<i64>,
    /// What the amount is a part of.
    pub basis: AdjustmentBasis,
    /// What a refund gave back of which lines; they beat the amount.
    pub lines: Option<RefundLines>,
    /// The key of the chargeback that was won.
    pub chargeback_key: Option<String>,
    /// Why it does not count.
    pub refused: Option<AdjustmentRefused>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// SHA-256 of what was said.
    pub fingerprint: Vec<u8>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}
