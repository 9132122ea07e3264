use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, GroupId, PartnerId, PayoutPolicyId, ProgramId};
use serde::Serialize;

use crate::{schema::payout_policies, text_enum};

text_enum! {
    /// What a payee is paid by.
    PayoutMethodKind {
        /// A PayPal or Venmo account.
        Paypal = "PAYPAL",
        /// A recipient of Wise.
        Wise = "WISE",
        /// A bank account.
        Bank = "BANK",
        /// Credit in the owner's shop.
        StoreCredit = "STORE_CREDIT",
        /// An address of a crypto currency, paid by hand.
        Crypto = "CRYPTO",
        /// Whatever owner and partner agreed on, paid by hand.
        Manual = "MANUAL",
    }
}

impl From<payout_details::PayoutMethodKind> for PayoutMethodKind {
    fn from(kind: payout_details::PayoutMethodKind) -> Self {
        use payout_details::PayoutMethodKind as Kind;
        match kind {
            Kind::Paypal => Self::Paypal,
            Kind::Wise => Self::Wise,
            Kind::Bank => Self::Bank,
            Kind::StoreCredit => Self::StoreCredit,
            Kind::Crypto => Self::Crypto,
            Kind::Manual => Self::Manual,
        }
    }
}

text_enum! {
    /// Who bears what a provider charges.
    FeePayer {
        /// The owner: the partner gets the amount.
        Owner = "OWNER",
        /// The partner: the fee is taken from the amount, where the rail can do that.
        Partner = "PARTNER",
    }
}

text_enum! {
    /// How often drafts of batches are made.
    ScheduleKind {
        /// Never: people make them.
        Manual = "MANUAL",
        /// Each week.
        Weekly = "WEEKLY",
        /// Every second week.
        Fortnightly = "FORTNIGHTLY",
        /// Each month.
        Monthly = "MONTHLY",
    }
}

/// A stored policy: what it says, and `None` where the next wider one holds.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable, AsChangeset, Serialize,
)]
#[diesel(table_name = payout_policies, treat_none_as_null = true)]
pub struct PayoutPolicy {
    /// Its id.
    pub id: PayoutPolicyId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// The group that it is for.
    pub group_id: Option<GroupId>,
    /// The partner that it is for.
    pub partner_id: Option<PartnerId>,
    /// What may be paid to.
    pub methods: Option<Vec<PayoutMethodKind>>,
    /// The least that is paid, in minor units of the program's currency. In other currencies there is no least.
    pub minimum: Option<i64>,
    /// The most that one partner is paid in one batch, in minor units of the program's currency; 0 is no bound.
    pub maximum_per_batch: Option<i64>,
    /// How many customers who have paid a partner must have referred.
    pub minimum_customers: Option<i32>,
    /// Whether payouts may be requested on behalf of partners.
    pub partner_requests: Option<bool>,
    /// Whether requests are approved at once.
    pub auto_approve_requests: Option<bool>,
    /// Whether a payout needs an invoice of the partner's.
    pub invoice_required: Option<bool>,
    /// Whether the payee must have given a tax number.
    pub tax_data_required: Option<bool>,
    /// For how many hours nothing is paid to a method that took the place of another.
    pub cooldown_hours: Option<i32>,
    /// Who bears the fee.
    pub fee_payer: Option<FeePayer>,
    /// Whether a batch is approved by another person than the one who prepared it.
    pub four_eyes: Option<bool>,
    /// Whether drafts of the schedule pay PayPal and Wise by their APIs, and not by files.
    pub pay_by_api: Option<bool>,
    /// How often drafts are made.
    pub schedule: Option<ScheduleKind>,
    /// On which day: 1 to 7 from Monday, or 1 to 31 of the month.
    pub schedule_day: Option<i32>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
