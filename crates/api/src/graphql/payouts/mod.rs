//! What partners are paid.

mod decide;
mod enums;
mod inputs;
mod item;
mod loader;
mod object;
mod of_partner;
mod request;
mod settle;

use async_graphql::{Context, Object};
pub use decide::PayoutDecisionMutation;
use domain::page::PageArgs;
pub use enums::PayoutLeftOutReason;
use ids::PayoutId;
use inputs::PayoutFilter;
pub use item::PayoutItem;
use item::Priced;
pub use loader::{PayoutOf, PayoutsOfBatch};
pub use object::Payout;
pub use of_partner::PartnerPayouts;
pub use request::PayoutRequestMutation;
pub use settle::PayoutSettlementMutation;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(PayoutId => Payout of domain::payouts::Payout);

connection!(
    /// Payouts, newest first.
    PayoutConnection, PayoutEdge, Payout, domain::payouts::Payout, |row| row.id
);
connection!(
    /// What a payout pays and takes off, the oldest first.
    PayoutItemConnection, PayoutItemEdge, PayoutItem, Priced, |row| row.0.source
);

payload!(
    /// What a mutation of a payout answers.
    PayoutPayload {
        /// The payout as it is now; null when nothing was done.
        payout: Payout
    }
);

/// What can be asked about payouts.
#[derive(Default)]
pub struct PayoutQuery;

#[Object]
impl PayoutQuery {
    /// The payouts in reach, newest first.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which payouts.")] filter: Option<PayoutFilter>,
    ) -> Result<PayoutConnection, ApiError> {
        use domain::payouts::Payout as Stored;
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = Stored::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(Stored::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(PayoutConnection::of(rows, page.after.is_none(), total))
    }

    /// The payout of this id, or null.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`pay_...`")] id: PayoutId,
    ) -> Result<Option<Payout>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}
