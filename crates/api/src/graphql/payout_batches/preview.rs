use async_graphql::{Context, Object, SimpleObject};
use domain::{page::MAX_PAGE, payout_batches, payouts};
use ids::PartnerId;
use money::Currency;

use crate::graphql::{
    context::Request,
    error::{ApiError, UserError},
    guard::{Needs, Permission, needs},
    partners::Partner,
    payouts::{Payout, PayoutLeftOutReason},
    scalars::Money,
};

/// What `payoutBatchPreview` answers.
#[derive(SimpleObject)]
pub struct PayoutBatchPreviewPayload {
    /// What the batch would be; null where the input is refused.
    pub preview: Option<PayoutBatchPreview>,
    /// What is wrong with the input.
    pub user_errors: Vec<UserError>,
}

/// What a batch would be, if it were made now. Nothing is reserved: what is created a moment later may differ.
pub struct PayoutBatchPreview {
    found: payout_batches::Preview,
    total: money::Money,
}

impl PayoutBatchPreview {
    /// With the sum of what it would pay.
    ///
    /// # Errors
    /// When the sum is more than an amount can be.
    pub fn of(found: payout_batches::Preview) -> Result<Self, ApiError> {
        let amounts = found.approved.iter().chain(&found.made).map(|one| one.amount);
        let sum = amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(|| {
            tracing::error!("the total of a batch is out of range");
            ApiError::Internal
        })?;
        Ok(Self { total: money::Money::new(sum, found.currency), found })
    }

    fn payouts(&self, of: &[payouts::Previewed], first: i32) -> Vec<PreviewedPayout> {
        let currency = self.found.currency;
        of.iter().take(most(first)).cloned().map(|payout| PreviewedPayout { payout, currency }).collect()
    }
}

fn most(first: i32) -> usize {
    usize::try_from(i64::from(first).clamp(0, MAX_PAGE)).unwrap_or_default()
}

fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// What a batch would be, if it were made now. Nothing is reserved: what is created a moment later may differ.
#[Object]
impl PayoutBatchPreview {
    /// How many payouts it would have: `approvedCount` and `madeCount`.
    async fn count(&self) -> i32 {
        count(self.found.approved.len() + self.found.made.len())
    }

    /// What they come to.
    async fn total(&self) -> Money {
        self.total.into()
    }

    /// How many approved payouts it would take as they are.
    async fn approved_count(&self) -> i32 {
        count(self.found.approved.len())
    }

    /// The approved payouts that it would take as they are, the oldest first.
    async fn approved(
        &self,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
    ) -> Vec<PreviewedPayout> {
        self.payouts(&self.found.approved, first)
    }

    /// How many payouts it would make for partners who asked for nothing.
    async fn made_count(&self) -> i32 {
        count(self.found.made.len())
    }

    /// The payouts that it would make for partners who asked for nothing.
    async fn made(
        &self,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
    ) -> Vec<PreviewedPayout> {
        self.payouts(&self.found.made, first)
    }

    /// How many rows `leftOut` has.
    async fn left_out_count(&self) -> i32 {
        count(self.found.left_out.len())
    }

    /// Who would be left out although something is available to them or was approved, and why. A row for what is available to a
    /// partner, and one for each of its payouts that were approved and stay out.
    async fn left_out(
        &self,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
    ) -> Vec<LeftOutPartner> {
        let currency = self.found.currency;
        let of = |one: &payout_batches::LeftOutPartner| LeftOutPartner { left_out: one.clone(), currency };
        self.found.left_out.iter().take(most(first)).map(of).collect()
    }
}

/// What a partner would be paid.
pub struct PreviewedPayout {
    payout: payouts::Previewed,
    currency: Currency,
}

/// What a partner would be paid.
#[Object]
impl PreviewedPayout {
    /// Who would be paid.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        partner(ctx, self.payout.partner_id).await
    }

    /// How much.
    async fn amount(&self) -> Money {
        money::Money::new(self.payout.amount, self.currency).into()
    }

    /// How many items it would have.
    async fn item_count(&self) -> i32 {
        self.payout.items
    }
}

/// Who would not be paid, and why.
pub struct LeftOutPartner {
    left_out: payout_batches::LeftOutPartner,
    currency: Currency,
}

/// Who would not be paid, and why.
#[Object]
impl LeftOutPartner {
    /// Who.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        partner(ctx, self.left_out.partner_id).await
    }

    /// Why.
    async fn reason(&self) -> PayoutLeftOutReason {
        self.left_out.why.into()
    }

    /// The payout that was approved and stays out; null where it is what is available to them.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout(&self, ctx: &Context<'_>) -> Result<Option<Payout>, ApiError> {
        let Some(id) = self.left_out.payout_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// What is available to them; of a payout that was approved, its amount.
    async fn available(&self) -> Money {
        money::Money::new(self.left_out.available, self.currency).into()
    }
}

async fn partner(ctx: &Context<'_>, id: PartnerId) -> Result<Option<Partner>, ApiError> {
    Request::loader(ctx)?.load_one(id).await
}
