use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use domain::rewards::ReviewReason as Reason;

use super::enums::ReviewCode;
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    transactions::Transaction,
};

/// Why a person decides about a reward, with the evidence. It is not for who would get the reward.
pub struct ReviewReason(pub(super) Reason);

/// Why a person decides about a reward, with the evidence. It is not for who would get the reward.
#[Object]
impl ReviewReason {
    /// The reason.
    async fn code(&self) -> ReviewCode {
        self.0.code().into()
    }

    /// The earlier sale that this one repeats; null of other reasons than DUPLICATE_SALE.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transaction(&self, ctx: &Context<'_>) -> Result<Option<Transaction>, ApiError> {
        let Reason::DuplicateSale { transaction, .. } = self.0 else { return Ok(None) };
        Request::loader(ctx)?.load_one(transaction).await
    }

    /// Since when what speaks against it is so: of DUPLICATE_SALE the earlier sale's own time, of EXISTING_CUSTOMER when the
    /// customer signed up; null of other reasons.
    async fn since(&self) -> Option<DateTime<Utc>> {
        match self.0 {
            Reason::DuplicateSale { occurred_at, .. } => Some(occurred_at),
            Reason::ExistingCustomer { since } => Some(since),
            Reason::SelfReferral | Reason::UplineSelfReferral | Reason::RejectedBefore | Reason::Rule => None,
        }
    }
}
