use async_graphql::{Context, Object};
use domain::stats::{DateRange, Figures, Question, Subject, ratio};
use rust_decimal::Decimal;

use super::growth::{PartnerGrowth, ProgramGrowth};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    scalars::{Date, Money},
};

/// The figures of some days, with those of as many days before if they are asked for.
#[derive(Clone)]
pub(super) struct Period {
    of: Subject,
    range: DateRange,
    pub(super) figures: Figures,
    before: Option<Figures>,
}

/// The figures of a program, or of several together, in a range of dates. Each fact counts on its own date: a sale that is
/// recorded late on the date of the sale.
pub struct ProgramStats(Period);

/// The figures of a partner in a range of dates. Each fact counts on its own date: a sale that is recorded late on the date
/// of the sale.
pub struct PartnerStats(pub(super) Period);

impl Period {
    /// Loads what the selection needs, at once with what its neighbours need.
    pub(super) async fn load(ctx: &Context<'_>, of: Subject, range: DateRange) -> Result<Self, ApiError> {
        let looks_back = ["previous", "growth"].iter().any(|field| ctx.look_ahead().field(field).exists());
        let question = Question::of(of.clone(), range);
        let before = looks_back.then(|| Question::of(of.clone(), range.previous()));
        let questions = std::iter::once(question.clone()).chain(before.clone());
        let mut answers = Request::loader(ctx)?.load_many(questions).await?;
        let mut whole = |question: &Question| {
            answers.remove(question).and_then(|answer| answer.into_values().next()).unwrap_or_default()
        };
        Ok(Self { of, range, figures: whole(&question), before: before.as_ref().map(whole) })
    }

    /// Figures that are known already.
    pub(super) fn known(of: Subject, range: DateRange, figures: Figures) -> Self {
        Self { of, range, figures, before: None }
    }

    async fn previous(&self, ctx: &Context<'_>) -> Result<Self, ApiError> {
        let (of, range) = (self.of.clone(), self.range.previous());
        match &self.before {
            Some(figures) => Ok(Self::known(of, range, figures.clone())),
            None => Self::load(ctx, of, range).await,
        }
    }

    async fn growth(&self, ctx: &Context<'_>) -> Result<PartnerGrowth, ApiError> {
        let (before, now) = (self.previous(ctx).await?.figures, self.figures.clone());
        Ok(PartnerGrowth { before, now })
    }
}

/// Fields that all figures have.
#[Object]
impl Period {
    /// The first date.
    async fn from(&self) -> Date {
        Date(self.range.from())
    }

    /// The date behind the last.
    async fn to(&self) -> Date {
        Date(self.range.to())
    }

    /// Customers who were created; of a partner, who were attributed to it, by the date of that.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn signups(&self) -> i64 {
        self.figures.signups
    }

    /// Customers whose first sale that counts (rewardable, of a net above 0) happened then, once it is evaluated.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn paying_customers(&self) -> i64 {
        self.figures.paying_customers
    }

    /// Paying customers for each sign-up of the same dates, to four decimals; null when nobody signed up.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn conversion_rate(&self) -> Option<Decimal> {
        ratio(self.figures.paying_customers, self.figures.signups)
    }

    /// Sales, whatever they earned; of a partner, those of its customers, once they are evaluated.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn sales(&self) -> i64 {
        self.figures.sales
    }

    /// The net of these sales, in each currency that something was sold in, by code. Nothing is converted.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn revenue(&self) -> Vec<Money> {
        self.figures.revenue().into_iter().map(Money::from).collect()
    }

    /// Rewards of sales of these dates that were not rejected, held or not, in each currency that something was earned in, by
    /// code.
    #[graphql(directive = needs::apply(Permission::RewardsRead), guard = "Needs(Permission::RewardsRead)")]
    async fn rewards(&self) -> Vec<Money> {
        self.figures.rewards().into_iter().map(Money::from).collect()
    }
}

impl ProgramStats {
    pub(super) async fn load(ctx: &Context<'_>, of: Subject, range: DateRange) -> Result<Self, ApiError> {
        Period::load(ctx, of, range).await.map(Self)
    }
}

/// The figures of a program, or of several together, in a range of dates. Each fact counts on its own date: a sale that is
/// recorded late on the date of the sale.
#[Object]
impl ProgramStats {
    /// Partners who came in to be decided on. Those who are approved at once count among the partners alone.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn applications(&self) -> i64 {
        self.0.figures.applications
    }

    /// Partners who were approved, each once.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partners(&self) -> i64 {
        self.0.figures.partners
    }

    #[graphql(flatten)]
    async fn period(&self) -> &Period {
        &self.0
    }

    /// The same of as many dates right before.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Self, ApiError> {
        self.0.previous(ctx).await.map(Self)
    }

    /// How much more it is than in as many dates right before.
    async fn growth(&self, ctx: &Context<'_>) -> Result<ProgramGrowth, ApiError> {
        self.0.growth(ctx).await.map(ProgramGrowth)
    }
}

impl PartnerStats {
    pub(super) async fn load(ctx: &Context<'_>, of: Subject, range: DateRange) -> Result<Self, ApiError> {
        Period::load(ctx, of, range).await.map(Self)
    }
}

/// The figures of a partner in a range of dates. Each fact counts on its own date: a sale that is recorded late on the date
/// of the sale.
#[Object]
impl PartnerStats {
    #[graphql(flatten)]
    async fn period(&self) -> &Period {
        &self.0
    }

    /// The same of as many dates right before.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Self, ApiError> {
        self.0.previous(ctx).await.map(Self)
    }

    /// How much more it is than in as many dates right before.
    async fn growth(&self, ctx: &Context<'_>) -> Result<PartnerGrowth, ApiError> {
        self.0.growth(ctx).await
    }
}
