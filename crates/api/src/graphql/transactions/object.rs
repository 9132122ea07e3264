use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SimpleObject, dataloader::Loader as BatchLoader};
use chrono::{DateTime, Utc};
use domain::adjustments::Standing;
use ids::TransactionId;

use crate::graphql::{
    adjustments::{Adjustment, AdjustmentsOf, TransactionStatus},
    context::{Loader, Request},
    customers::Customer,
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::Program,
    rates::{ExchangeRate, RateAt},
    rewards::{NonReward, NonRewardsOf, Reward, RewardsOf},
    scalars::Money,
};

/// A sale.
#[derive(Clone)]
pub struct Transaction(pub domain::transactions::Transaction);

impl From<domain::transactions::Transaction> for Transaction {
    fn from(transaction: domain::transactions::Transaction) -> Self {
        Self(transaction)
    }
}

/// An item of a sale.
#[derive(Clone, SimpleObject)]
pub struct TransactionItem {
    /// Your name of the product.
    product_id: Option<String>,
    /// Your name of its kind.
    product_type: Option<String>,
    /// How many.
    quantity: i32,
    /// The net amount.
    amount: Money,
}

/// The items of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemsOf(pub TransactionId);

impl BatchLoader<ItemsOf> for Loader {
    type Value = Vec<domain::transactions::TransactionItem>;
    type Error = ApiError;

    async fn load(&self, keys: &[ItemsOf]) -> Result<HashMap<ItemsOf, Self::Value>, ApiError> {
        let ids: Vec<TransactionId> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.db.get().await?;
        let mut lists: HashMap<ItemsOf, Self::Value> = HashMap::new();
        for item in domain::transactions::TransactionItem::of(&mut conn, &self.scope, &ids).await? {
            lists.entry(ItemsOf(item.transaction_id)).or_default().push(item);
        }
        Ok(lists)
    }
}

impl Transaction {
    async fn adjusted(&self, ctx: &Context<'_>) -> Result<Vec<domain::adjustments::Adjustment>, ApiError> {
        let wanted = AdjustmentsOf(self.0.program_id, self.0.key.clone());
        Ok(Request::loader(ctx)?.load_one(wanted).await?.unwrap_or_default())
    }

    /// The adjustments, and how many lines the sale has, if any of them asks for that.
    async fn adjusted_of_lines(
        &self,
        ctx: &Context<'_>,
    ) -> Result<(Vec<domain::adjustments::Adjustment>, usize), ApiError> {
        let adjusted = self.adjusted(ctx).await?;
        if adjusted.iter().all(|one| one.lines.is_none()) {
            return Ok((adjusted, 0));
        }
        let items = Request::loader(ctx)?.load_one(ItemsOf(self.0.id)).await?.unwrap_or_default();
        Ok((adjusted, self.0.line_count(&items)))
    }
}

/// A sale.
#[Object]
impl Transaction {
    /// `trx_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// Your name for the sale, unique in the program.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Who bought.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.customer_id).await
    }

    /// What the customer was charged before discount.
    async fn amount(&self) -> Money {
        self.0.money(self.0.gross).into()
    }

    /// Taken off the gross.
    async fn discount(&self) -> Money {
        self.0.money(self.0.discount).into()
    }

    /// Part of the gross that is passed on.
    async fn tax(&self) -> Money {
        self.0.money(self.0.tax).into()
    }

    /// Gross less discount and tax.
    async fn net(&self) -> Money {
        self.0.money(self.0.net).into()
    }

    /// What was bought, as it was said.
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<TransactionItem>, ApiError> {
        let items = Request::loader(ctx)?.load_one(ItemsOf(self.0.id)).await?.unwrap_or_default();
        let item = |item: domain::transactions::TransactionItem| TransactionItem {
            amount: self.0.money(item.amount).into(),
            product_id: item.product_id,
            product_type: item.product_type,
            quantity: item.quantity,
        };
        Ok(items.into_iter().map(item).collect())
    }

    /// What became of it after it was recorded, in the order of recording. Those that wait to be computed are among them.
    async fn adjustments(&self, ctx: &Context<'_>) -> Result<Vec<Adjustment>, ApiError> {
        Ok(self.adjusted(ctx).await?.into_iter().map(Adjustment).collect())
    }

    /// What refunds gave back, in gross, whether they were said in gross or net; at most the amount. Chargebacks and voids show in
    /// `status`.
    async fn refunded(&self, ctx: &Context<'_>) -> Result<Money, ApiError> {
        let (adjusted, lines) = self.adjusted_of_lines(ctx).await?;
        Ok(Standing::new(&self.0, lines, &adjusted).refunded().into())
    }

    /// The rate from its currency to the program's that counts at its time; null where the two are the same, and until one is stored.
    /// Terms may hold it too old to be used.
    async fn rate(&self, ctx: &Context<'_>) -> Result<Option<ExchangeRate>, ApiError> {
        let loader = Request::loader(ctx)?;
        let Some(program) = loader.load_one(self.0.program_id).await? else { return Ok(None) };
        let wanted = RateAt(self.0.currency, program.0.currency, self.0.occurred_at);
        Ok(loader.load_one(wanted).await?.map(ExchangeRate))
    }

    /// What became of it.
    async fn status(&self, ctx: &Context<'_>) -> Result<TransactionStatus, ApiError> {
        let (adjusted, lines) = self.adjusted_of_lines(ctx).await?;
        Ok(Standing::new(&self.0, lines, &adjusted).status().into())
    }

    /// The coupon that the customer used.
    async fn coupon_code(&self) -> Option<&str> {
        self.0.coupon_code.as_deref()
    }

    /// False if it was recorded as not to be rewarded.
    async fn rewardable(&self) -> bool {
        self.0.rewardable
    }

    /// The sale's own time.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// What it earned. Empty until it is evaluated, a moment after it was recorded, and where `nonRewards` has a reason.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn rewards(&self, ctx: &Context<'_>) -> Result<Vec<Reward>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(RewardsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// Why it earned nothing. Empty until it is evaluated, and where it earned something.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn non_rewards(&self, ctx: &Context<'_>) -> Result<Vec<NonReward>, ApiError> {
        Ok(Request::loader(ctx)?.load_one(NonRewardsOf(self.0.id)).await?.unwrap_or_default())
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
