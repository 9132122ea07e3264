use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::rewards::{Trace, View, explain};
use rust_decimal::Decimal;

use super::{
    enums::{NonRewardReason, RewardOrigin, RewardStatus},
    reversal::{Reversal, ReversalsOf},
    review_reason::ReviewReason,
};
use crate::graphql::{
    context::Request,
    customers::Customer,
    error::ApiError,
    guard::{Needs, Permission, needs},
    partners::Partner,
    payouts::{Payout, PayoutOf},
    programs::Program,
    scalars::Money,
    terms::Terms,
    transactions::Transaction,
};

/// What a partner or a customer was given: for a sale, a sign-up or a milestone by the rules of the terms, or by hand. Amount,
/// terms and explanation never change.
#[derive(Clone)]
pub struct Reward(pub domain::rewards::Reward);

impl From<domain::rewards::Reward> for Reward {
    fn from(reward: domain::rewards::Reward) -> Self {
        Self(reward)
    }
}

/// Why a sale earned nothing.
#[derive(Clone)]
pub struct NonReward(pub domain::rewards::NonReward);

impl From<domain::rewards::NonReward> for NonReward {
    fn from(non_reward: domain::rewards::NonReward) -> Self {
        Self(non_reward)
    }
}

/// How an evaluation came to its result.
#[derive(Clone, SimpleObject)]
pub struct Explanation {
    /// The steps in words, in their order, for the program's owner.
    sentences: Vec<String>,
    /// The same for who got the reward, or did not: without evidence against them, and without the budget.
    for_beneficiary: Vec<String>,
    /// The same for a machine: the event, the version of the terms, each rule that was looked at with its verdict, lines, tier,
    /// exact amount as a fraction of minor units, rounded amount, and what held it down. Of a reward that was given by hand, by
    /// whom.
    trace: Json<serde_json::Value>,
}

impl Explanation {
    fn of_reward(reward: &domain::rewards::Reward) -> Result<Self, ApiError> {
        let trace = reward.trace().map_err(|error| unreadable(&error, reward.id))?;
        let by_hand = || reward.reason.iter().map(|reason| format!("Given by hand: {reason}")).collect();
        let said = |view| trace.as_ref().map_or_else(by_hand, |trace| explain(trace, view));
        let trace = Json(reward.trace.clone());
        Ok(Self { sentences: said(View::Owner), for_beneficiary: said(View::Beneficiary), trace })
    }

    fn of_non_reward(non_reward: &domain::rewards::NonReward) -> Result<Self, ApiError> {
        let trace: Trace = non_reward.trace().map_err(|error| unreadable(&error, non_reward.id))?;
        let said = |view| explain(&trace, view);
        let (sentences, for_beneficiary) = (said(View::Owner), said(View::Beneficiary));
        Ok(Self { sentences, for_beneficiary, trace: Json(non_reward.trace.clone()) })
    }
}

fn unreadable(error: &serde_json::Error, of: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, %of, "a stored trace cannot be read");
    ApiError::Internal
}

/// What a partner or a customer was given: for a sale, a sign-up or a milestone by the rules of the terms, or by hand. Amount,
/// terms and explanation never change.
#[Object]
impl Reward {
    /// `rwd_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// The partner who gets it; null where a customer does.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The customer who gets it; null where a partner does.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn beneficiary_customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        let Some(id) = self.0.beneficiary_customer_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// Whose sale or sign-up it was; null of a reward that was given by hand.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        let Some(id) = self.0.customer_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The sale; null where it was made of none.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transaction(&self, ctx: &Context<'_>) -> Result<Option<Transaction>, ApiError> {
        let Some(id) = self.0.transaction_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// What it was made of.
    async fn trigger(&self) -> RewardOrigin {
        self.0.trigger.into()
    }

    /// The version of the terms that it was computed with; null of a reward that was given by hand.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms(&self, ctx: &Context<'_>) -> Result<Option<Terms>, ApiError> {
        let Some(id) = self.0.terms_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The id of the rule, the same through all versions; null of a reward that was given by hand.
    async fn rule_id(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// How many steps up from the partner whom the customer is attributed to, 0 to 5; 0 is that partner.
    async fn level(&self) -> i32 {
        self.0.level
    }

    /// The step of the milestone that was reached: a number of customers, sign-ups or sales, or revenue in major units of the
    /// program's currency. Null of other rewards.
    async fn step(&self) -> Option<Decimal> {
        self.0.step.map(|step| step.to_decimal())
    }

    /// Why it was given by hand; null of other rewards.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> RewardStatus {
        self.0.status.into()
    }

    /// What was earned. Below 0 only by hand: a correction downward.
    async fn amount(&self) -> Money {
        self.0.money().into()
    }

    /// What refunds, chargebacks and the like have left of the amount; nothing of a rejected reward.
    async fn net(&self) -> Money {
        self.0.net_money().into()
    }

    /// Every change of `net`, in the order in which it happened.
    async fn reversals(&self, ctx: &Context<'_>) -> Result<Vec<Reversal>, ApiError> {
        let rows = Request::loader(ctx)?.load_one(ReversalsOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.in_currency(self.0.currency)).collect())
    }

    /// The payout that it is in; null while it is in none, and of a payout that let it go.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn payout(&self, ctx: &Context<'_>) -> Result<Option<Payout>, ApiError> {
        let loader = Request::loader(ctx)?;
        let Some(id) = loader.load_one(PayoutOf(self.0.id)).await? else { return Ok(None) };
        loader.load_one(id).await
    }

    /// Until when it is held: the event's own time and the hold of the terms.
    async fn held_until(&self) -> DateTime<Utc> {
        self.0.hold_until
    }

    /// When its hold ended; null while it is held or under review.
    async fn released_at(&self) -> Option<DateTime<Utc>> {
        self.0.released_at
    }

    /// Why a person decides about it, or did, with the evidence; empty where nobody was asked.
    async fn review_reasons(&self) -> Result<Vec<ReviewReason>, ApiError> {
        let reasons = self.0.review_reasons().map_err(|error| unreadable(&error, self.0.id))?;
        Ok(reasons.into_iter().map(ReviewReason).collect())
    }

    /// Why this amount.
    async fn explanation(&self) -> Result<Explanation, ApiError> {
        Explanation::of_reward(&self.0)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its state last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// Why a sale earned nothing.
#[Object]
impl NonReward {
    /// The reason.
    async fn reason(&self) -> NonRewardReason {
        self.0.reason.into()
    }

    /// The partner whom the customer is attributed to, if to any.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(partner_id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(partner_id).await
    }

    /// How it came to nothing.
    async fn explanation(&self) -> Result<Explanation, ApiError> {
        Explanation::of_non_reward(&self.0)
    }

    /// When it was decided.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
