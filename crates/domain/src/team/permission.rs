use diesel::{
    deserialize::{self, Queryable},
    pg::Pg,
    sql_types::{Array, Text},
};

use crate::text_enum;

text_enum! {
    /// What a member or a key may do. Reading and writing are apart, and personal data is a right of its own.
    Permission {
        /// See members and invites.
        TeamRead = "TEAM_READ",
        /// Change members, invites and the account.
        TeamWrite = "TEAM_WRITE",
        /// See plan and billing details.
        BillingRead = "BILLING_READ",
        /// Change plan and billing details.
        BillingWrite = "BILLING_WRITE",
        /// See programs and their terms.
        ProgramsRead = "PROGRAMS_READ",
        /// Create and change programs, publish terms.
        ProgramsWrite = "PROGRAMS_WRITE",
        /// See partners with their names and countries, their links and balances.
        PartnersRead = "PARTNERS_READ",
        /// Create, change, approve and suspend partners and their links.
        PartnersWrite = "PARTNERS_WRITE",
        /// See email addresses of partners, and email addresses and names of customers. What a partner is called in public is
        /// no secret to those who work with it.
        PartnersPii = "PARTNERS_PII",
        /// See customers.
        CustomersRead = "CUSTOMERS_READ",
        /// Create and change customers.
        CustomersWrite = "CUSTOMERS_WRITE",
        /// See sales.
        TransactionsRead = "TRANSACTIONS_READ",
        /// Record sales.
        TransactionsWrite = "TRANSACTIONS_WRITE",
        /// See rewards and why they were earned.
        RewardsRead = "REWARDS_READ",
        /// Review rewards.
        RewardsWrite = "REWARDS_WRITE",
        /// See payouts.
        PayoutsRead = "PAYOUTS_READ",
        /// Approve payouts.
        PayoutsApprove = "PAYOUTS_APPROVE",
        /// Pay.
        PayoutsExecute = "PAYOUTS_EXECUTE",
        /// Manage API keys.
        Developers = "DEVELOPERS",
        /// See and retry the account's own jobs.
        Operations = "OPERATIONS",
        /// Read the event feed, the audit trail and the emails that were sent.
        AuditRead = "AUDIT_READ",
    }
}

/// The permissions of `wanted` that are not in `held`: nobody grants what they lack.
pub fn lacking(held: &[Permission], wanted: &[Permission]) -> Vec<Permission> {
    wanted.iter().copied().filter(|permission| !held.contains(permission)).collect()
}

/// Stored permissions as this binary knows them. A word of a newer binary grants nothing here, and does no harm.
pub struct KnownPermissions(Vec<Permission>);

impl Queryable<Array<Text>, Pg> for KnownPermissions {
    type Row = Vec<String>;

    fn build(words: Vec<String>) -> deserialize::Result<Self> {
        Ok(Self(words.iter().filter_map(|word| Permission::from_word(word)).collect()))
    }
}

impl From<KnownPermissions> for Vec<Permission> {
    fn from(known: KnownPermissions) -> Self {
        known.0
    }
}
