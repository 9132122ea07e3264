use ids::{AccountId, PartnerId, ProgramId};
use money::Currency;
use uuid::Uuid;

use crate::text_enum;

text_enum! {
    /// What a ledger account holds. All but the expense belong to a partner.
    AccountKind {
        /// The program's: where rewards come from.
        Expense = "EXPENSE",
        /// Earned, and not yet to be paid.
        Held = "HELD",
        /// What a payout may take now; negative is debt.
        Available = "AVAILABLE",
        /// In a payout that is under way.
        Reserved = "RESERVED",
        /// Paid.
        Paid = "PAID",
    }
}

text_enum! {
    /// Why an amount moved, which says from where to where.
    TransferReason {
        /// A reward was made.
        Earned = "EARNED",
        /// Its hold ended.
        Released = "RELEASED",
        /// It was rejected before its release.
        Rejected = "REJECTED",
    }
}

impl TransferReason {
    /// The accounts that the amount is taken from and given to.
    pub fn arrow(self) -> (AccountKind, AccountKind) {
        match self {
            Self::Earned => (AccountKind::Expense, AccountKind::Held),
            Self::Released => (AccountKind::Held, AccountKind::Available),
            Self::Rejected => (AccountKind::Held, AccountKind::Expense),
        }
    }
}

/// A transfer to be made.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Whose balance it changes.
    pub partner_id: PartnerId,
    /// The currency of both accounts.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// Why.
    pub reason: TransferReason,
    /// The row that is inserted once for this move: the reward.
    pub source: Uuid,
}
