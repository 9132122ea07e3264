use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::graphql::{
    error::ApiError,
    guard::{Needs, Permission, needs},
    payout_policies::PayoutMethodKind,
    users::Actor,
};

/// Where somebody's money goes: one way for all programs that the person or company is a partner of. It never changes; another
/// one takes its place, and payouts that were made meanwhile keep theirs. Its details are sealed, and nothing shows more of them
/// than `label`.
#[derive(Clone)]
pub struct PayoutMethod(pub domain::payout_methods::PayoutMethod);

impl From<domain::payout_methods::PayoutMethod> for PayoutMethod {
    fn from(method: domain::payout_methods::PayoutMethod) -> Self {
        Self(method)
    }
}

/// Where somebody's money goes: one way for all programs that the person or company is a partner of. It never changes; another
/// one takes its place, and payouts that were made meanwhile keep theirs. Its details are sealed, and nothing shows more of them
/// than `label`.
#[Object]
impl PayoutMethod {
    /// `pmt_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What kind of place it is.
    async fn kind(&self) -> PayoutMethodKind {
        self.0.kind.into()
    }

    /// What may be seen of it: enough to know it again, too little to use, e.g. `DE** **** 3000`.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// Whether it is the one that is paid to.
    async fn is_default(&self) -> bool {
        self.0.default_since.is_some()
    }

    /// Since when it is the one that is paid to; null if it is not.
    async fn default_since(&self) -> Option<DateTime<Utc>> {
        self.0.default_since
    }

    /// Whether the payee had another before, also one that was put away: then nothing is paid to it for the hours that the policy says.
    async fn replaced_another(&self) -> bool {
        self.0.replaced_another
    }

    /// When it was put away; null while it is in use.
    async fn archived_at(&self) -> Option<DateTime<Utc>> {
        self.0.archived_at
    }

    /// Who gave it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.created_by).await
    }

    /// When it was given.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Who a partner is to invoices and tax offices, in all programs.
#[derive(Clone)]
pub struct Payee(domain::payout_methods::Payee);

impl From<domain::payout_methods::Payee> for Payee {
    fn from(payee: domain::payout_methods::Payee) -> Self {
        Self(payee)
    }
}

/// Who a partner is to invoices and tax offices, in all programs.
#[Object]
impl Payee {
    /// The company.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn company(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// The postal address, with a line feed between lines.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// The tax number, as it is written on invoices.
    #[graphql(directive = needs::apply(Permission::PartnersPii), guard = "Needs(Permission::PartnersPii)")]
    async fn tax_id(&self) -> Option<&str> {
        self.0.tax_id.as_deref()
    }

    /// Whether there is a tax number.
    async fn has_tax_id(&self) -> bool {
        self.0.tax_id.is_some()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
