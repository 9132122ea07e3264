use ids::{AccountId, CustomerId, PartnerId, ProgramId, TypedId};
use money::Currency;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text_enum;

text_enum! {
    /// What a ledger account holds. All but the expense belong to a partner or a customer.
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

/// Whose an amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// A partner's.
    Partner(PartnerId),
    /// A customer's: what they were given as the referred, or as the referrer.
    Customer(CustomerId),
}

impl Owner {
    /// Whichever of the two there is; the database keeps that it is one.
    pub fn of(partner_id: Option<PartnerId>, customer_id: Option<CustomerId>) -> Option<Self> {
        partner_id.map(Self::Partner).or_else(|| customer_id.map(Self::Customer))
    }

    /// The partner, if it is one.
    pub fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Partner(id) => Some(id),
            Self::Customer(_) => None,
        }
    }

    /// The customer, if it is one.
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Partner(_) => None,
            Self::Customer(id) => Some(id),
        }
    }

    /// The id without its kind.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Partner(id) => id.uuid(),
            Self::Customer(id) => id.uuid(),
        }
    }
}

text_enum! {
    /// Why an amount moved, which says from where to where. The source of a move is the row that is inserted once for it.
    TransferReason {
        /// A reward was made, also when it is under review. Source: the reward.
        Earned = "EARNED",
        /// Its hold ended. Source: the reward.
        Released = "RELEASED",
        /// Some of it was taken back before its release. Source: the reversal.
        ReversedHeld = "REVERSED_HELD",
        /// Some of it was taken back after its release, whatever had become of it: what is available pays for that, and may
        /// be debt. Source: the reversal.
        Reversed = "REVERSED",
        /// Some of it was given back before its release. Source: the restoration.
        RestoredHeld = "RESTORED_HELD",
        /// Some of it was given back after its release. Source: the restoration.
        Restored = "RESTORED",
        /// It was rejected before its release. Source: the reward.
        Rejected = "REJECTED",
        /// A payout took it. Source: the payout.
        Reserved = "RESERVED",
        /// A payout that was not made gave it back. Source: the payout.
        Unreserved = "UNRESERVED",
        /// A payout was made. Source: the payout.
        Paid = "PAID",
        /// A payout that was made came back. Source: the payout.
        Returned = "RETURNED",
        /// A unit or a customer's credit was redeemed. Source: the redemption.
        Redeemed = "REDEEMED",
        /// Too much had been given. Source: the manual reward below zero.
        Corrected = "CORRECTED",
    }
}

impl TransferReason {
    /// The accounts that the amount is taken from and given to.
    pub fn arrow(self) -> (AccountKind, AccountKind) {
        match self {
            Self::Earned | Self::RestoredHeld => (AccountKind::Expense, AccountKind::Held),
            Self::Released => (AccountKind::Held, AccountKind::Available),
            Self::Rejected | Self::ReversedHeld => (AccountKind::Held, AccountKind::Expense),
            Self::Reversed | Self::Corrected => (AccountKind::Available, AccountKind::Expense),
            Self::Restored => (AccountKind::Expense, AccountKind::Available),
            Self::Redeemed => (AccountKind::Available, AccountKind::Paid),
            Self::Reserved => (AccountKind::Available, AccountKind::Reserved),
            Self::Unreserved => (AccountKind::Reserved, AccountKind::Available),
            Self::Paid => (AccountKind::Reserved, AccountKind::Paid),
            Self::Returned => (AccountKind::Paid, AccountKind::Available),
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
    pub owner: Owner,
    /// The currency of both accounts.
    pub currency: Currency,
    /// In minor units, above 0.
    pub amount: i64,
    /// Why.
    pub reason: TransferReason,
    /// The row that is inserted once for this move.
    pub source: Uuid,
}
