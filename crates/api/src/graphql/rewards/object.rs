use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::rewards::{Trace, explain};

use super::enums::{NonRewardReason, RewardStatus};
use crate::graphql::{
    context::Request,
    customers::Customer,
    error::ApiError,
    guard::{Needs, Permission, needs},
    partners::Partner,
    programs::Program,
    scalars::Money,
    terms::Terms,
    transactions::Transaction,
};

/// What a partner earned by a sale. Amount, terms and explanation never change.
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
    /// The steps in words, in their order.
    sentences: Vec<String>,
    /// The same for a machine: the sale, the version of the terms, each rule that was looked at with its verdict, lines,
    /// base, exact amount as a fraction of minor units, and rounded amount.
    trace: Json<Trace>,
}

impl Explanation {
    fn of(trace: serde_json::Result<Trace>, of: impl std::fmt::Display) -> Result<Self, ApiError> {
        let trace = trace.map_err(|error| {
            tracing::error!(%error, %of, "a stored trace cannot be read");
            ApiError::Internal
        })?;
        Ok(Self { sentences: explain(&trace), trace: Json(trace) })
    }
}

/// What a partner earned by a sale. Amount, terms and explanation never change.
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

    /// Who earned it.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.partner_id).await
    }

    /// Whose sale it was.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.customer_id).await
    }

    /// The sale.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transaction(&self, ctx: &Context<'_>) -> Result<Option<Transaction>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.transaction_id).await
    }

    /// The version of the terms that it was computed with.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms(&self, ctx: &Context<'_>) -> Result<Option<Terms>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.terms_id).await
    }

    /// The id of the rule, the same through all versions.
    async fn rule_id(&self) -> &str {
        &self.0.rule
    }

    /// Where it stands.
    async fn status(&self) -> RewardStatus {
        self.0.status.into()
    }

    /// What was earned, in the program's currency.
    async fn amount(&self) -> Money {
        self.0.money().into()
    }

    /// Until when it is held: the sale's own time and the hold of the terms.
    async fn held_until(&self) -> DateTime<Utc> {
        self.0.hold_until
    }

    /// When its hold ended; null while it is held or under review.
    async fn released_at(&self) -> Option<DateTime<Utc>> {
        self.0.released_at
    }

    /// Why this amount.
    async fn explanation(&self) -> Result<Explanation, ApiError> {
        Explanation::of(self.0.trace(), self.0.id)
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
        Explanation::of(self.0.trace(), self.0.id)
    }

    /// When it was decided.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
