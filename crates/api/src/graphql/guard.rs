//! Rights, declared on the field: `directive = needs::apply(P)` prints `@needs(permission: P)` in the schema, and
//! `guard = "Needs(P)"` enforces it. A law compares the two.

use async_graphql::{Context, Enum, Guard, TypeDirective};

use super::{context::Request, error::ApiError};

/// What a member or an API key may do. Reading and writing are apart; personal data is a right of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::team::Permission")]
pub enum Permission {
    /// See members and invites.
    TeamRead,
    /// Change members, invites and the account.
    TeamWrite,
    /// See plan and billing details.
    BillingRead,
    /// Change plan and billing details.
    BillingWrite,
    /// See programs, their terms and payout policies, and simulate terms.
    ProgramsRead,
    /// Create and change programs, publish terms; change payout policies and exchange rates.
    ProgramsWrite,
    /// See partners with their names and countries, and their links.
    PartnersRead,
    /// Create, change, approve and suspend partners, their links and groups; say where they are paid and who the payee is; request
    /// payouts on their behalf.
    PartnersWrite,
    /// See email addresses of partners, and email addresses and names of customers; companies, addresses and tax numbers of payees;
    /// the files of invoices and statements; what emails say. What a partner is called in public is no secret to those who
    /// work with it.
    PartnersPii,
    /// See customers.
    CustomersRead,
    /// Create, change and confirm customers, make them referrers, and give them to another partner, with or without their past.
    CustomersWrite,
    /// See sales.
    TransactionsRead,
    /// Record sales, refunds, chargebacks, won disputes and voids.
    TransactionsWrite,
    /// See rewards, why they were earned, and balances.
    RewardsRead,
    /// Review rewards; give rewards and corrections by hand; redeem what customers and partners have.
    RewardsWrite,
    /// See payouts.
    PayoutsRead,
    /// Decide about requested payouts; prepare, approve, cancel and retry batches; ask for statements and self-billing invoices.
    PayoutsApprove,
    /// Execute batches, send again what a provider refused, see what is sent to banks, say what became of payouts, and read files
    /// of results.
    PayoutsExecute,
    /// Manage API keys.
    Developers,
    /// See, retry and cancel the account's own jobs.
    Operations,
    /// Read the event feed, the audit trail and the emails that were sent.
    AuditRead,
}

/// The field needs this permission in the account that is asked about.
#[TypeDirective(location = "FieldDefinition", name = "needs")]
pub fn needs(#[graphql(desc = "The permission.")] permission: Permission) {}

/// The field is for operators of the instance only. They need no account.
#[TypeDirective(location = "FieldDefinition", name = "operators")]
pub fn operators() {}

/// Lets operators of the instance pass.
pub struct Operates;

impl Guard for Operates {
    async fn check(&self, ctx: &Context<'_>) -> Result<(), async_graphql::Error> {
        let viewer = &Request::of(ctx).viewer;
        match viewer.actor {
            _ if viewer.operates => Ok(()),
            Some(_) => Err(ApiError::OperatorsOnly.into()),
            None => Err(ApiError::Unauthenticated.into()),
        }
    }
}

/// Lets those pass who have the permission.
pub struct Needs(pub Permission);

impl Guard for Needs {
    async fn check(&self, ctx: &Context<'_>) -> Result<(), async_graphql::Error> {
        let viewer = &Request::of(ctx).viewer;
        let permission = self.0.into();
        // Operators may do with any job what members may do with those of their account.
        if viewer.operates && self.0 == Permission::Operations {
            return Ok(());
        }
        if viewer.reach.is_none() {
            return Err(viewer.unreached().into());
        }
        if viewer.permits(permission) { Ok(()) } else { Err(ApiError::Forbidden(permission).into()) }
    }
}
