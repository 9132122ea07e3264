//! The fields of other objects that show figures.

use async_graphql::{Context, Object};
use domain::{
    calendar::Calendar,
    scope::AccountScope,
    stats::{Subject, calendars},
};

use super::{
    BreakdownRow, DayRange, Dimension, Interval, Metric, PartnerStats, ProgramStats, SeriesPoint, TopPartner,
    breakdown, series::Series, top_partners::rank,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    scalars::CurrencyCode,
};

/// The figures of all programs that an overview is about.
pub struct OverviewFigures<'a>(pub &'a AccountScope);

/// The figures of a program.
pub struct ProgramFigures<'a>(pub &'a domain::programs::Program);

/// The figures of a partner.
pub struct PartnerFigures<'a>(pub &'a domain::partners::Partner);

impl OverviewFigures<'_> {
    fn programs(&self) -> Option<Vec<ids::ProgramId>> {
        self.0.programs().map(<[_]>::to_vec)
    }

    /// The calendar whose hours are asked for: programs of several time zones have no common ones.
    async fn calendar(&self, ctx: &Context<'_>, interval: Interval) -> Result<Calendar, ApiError> {
        if interval != Interval::Hour {
            return Ok(Calendar::of("UTC"));
        }
        match calendars(&mut *Request::of(ctx).conn().await?, self.0).await?.as_slice() {
            [] => Ok(Calendar::of("UTC")),
            [one] => Ok(*one),
            _ => Err(ApiError::BadInput("Hours are those of one time zone: name programs of one.")),
        }
    }
}

/// The figures of all programs that an overview is about.
#[Object]
impl OverviewFigures<'_> {
    /// The figures of these programs together, each with the dates of its own time zone. Exact at any moment.
    async fn stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates.")] range: DayRange,
    ) -> Result<ProgramStats, ApiError> {
        ProgramStats::load(ctx, Subject::Programs(self.programs()), range.checked()?).await
    }

    /// The figures of these programs over time: a value for each metric, for each currency that occurs, for each part of the
    /// range, in this order; at most 2,000. Where nothing happened it is 0.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates.")] range: DayRange,
        #[graphql(desc = "How long the parts are. HOUR needs programs of one time zone.")] interval: Interval,
        #[graphql(desc = "What is shown.", validator(max_items = 7))] metrics: Vec<Metric>,
    ) -> Result<Vec<SeriesPoint>, ApiError> {
        let (of, range) = (Subject::Programs(self.programs()), range.checked()?);
        let calendar = self.calendar(ctx, interval).await?;
        Series { of, range, interval, metrics, calendar, always: None }.points(ctx).await
    }

    /// The partners who did best, the best first; of equals the one who came first leads. Who did nothing is left out.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn top_partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates.")] range: DayRange,
        #[graphql(default = 5, desc = "How many, at most 100.")] first: i32,
        #[graphql(default_with = "Metric::Sales", desc = "By what: not APPLICATIONS or PARTNERS.")]
        by: Metric,
        #[graphql(desc = "Whose amounts are compared; must be given for REVENUE and REWARDS.")]
        currency: Option<CurrencyCode>,
    ) -> Result<Vec<TopPartner>, ApiError> {
        let range = range.checked()?;
        let by = (by.into(), currency.map(|currency| currency.0));
        let ranked = rank(ctx, self.programs(), (range, first), by).await?;
        Ok(ranked.into_iter().map(|ranked| TopPartner::of(ranked, range)).collect())
    }
}

impl ProgramFigures<'_> {
    fn subject(&self) -> Subject {
        Subject::Programs(Some(vec![self.0.id]))
    }
}

/// The figures of a program.
#[Object]
impl ProgramFigures<'_> {
    /// Its figures. Exact at any moment.
    async fn stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates, of its time zone.")] range: DayRange,
    ) -> Result<ProgramStats, ApiError> {
        ProgramStats::load(ctx, self.subject(), range.checked()?).await
    }

    /// Its figures over time: a value for each metric, for each currency that occurs and its own, for each part of the
    /// range, in this order; at most 2,000. Where nothing happened it is 0.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates, of its time zone.")] range: DayRange,
        #[graphql(desc = "How long the parts are.")] interval: Interval,
        #[graphql(desc = "What is shown.", validator(max_items = 7))] metrics: Vec<Metric>,
    ) -> Result<Vec<SeriesPoint>, ApiError> {
        let (calendar, always) = (self.0.calendar(), Some(self.0.currency));
        let (of, range) = (self.subject(), range.checked()?);
        Series { of, range, interval, metrics, calendar, always }.points(ctx).await
    }

    /// The largest parts of a figure, the largest first.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates, of its time zone.")] range: DayRange,
        #[graphql(desc = "By what it is broken down.")] by: Dimension,
        #[graphql(
            desc = "Which figure: by PARTNER not APPLICATIONS or PARTNERS, by CURRENCY only SALES, REVENUE or REWARDS."
        )]
        metric: Metric,
        #[graphql(default = 10, desc = "How many, at most 100.")] first: i32,
        #[graphql(
            desc = "By PARTNER, whose amounts are compared: the program's when left out. By CURRENCY, the only one."
        )]
        currency: Option<CurrencyCode>,
    ) -> Result<Vec<BreakdownRow>, ApiError> {
        let (range, currency) = (range.checked()?, currency.map(|currency| currency.0));
        breakdown::rows(ctx, self.0, (range, first.clamp(0, 100)), (by, metric.into()), currency).await
    }

    /// Its partners who did best, the best first; of equals the one who came first leads. Who did nothing is left out.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn top_partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates, of its time zone.")] range: DayRange,
        #[graphql(default = 5, desc = "How many, at most 100.")] first: i32,
        #[graphql(default_with = "Metric::Sales", desc = "By what: not APPLICATIONS or PARTNERS.")]
        by: Metric,
        #[graphql(desc = "Whose amounts are compared; the program's when left out.")] currency: Option<
            CurrencyCode,
        >,
    ) -> Result<Vec<TopPartner>, ApiError> {
        let range = range.checked()?;
        let by = (by.into(), Some(currency.map_or(self.0.currency, |currency| currency.0)));
        let ranked = rank(ctx, Some(vec![self.0.id]), (range, first), by).await?;
        Ok(ranked.into_iter().map(|ranked| TopPartner::of(ranked, range)).collect())
    }
}

/// The figures of a partner.
#[Object]
impl PartnerFigures<'_> {
    /// Its figures. Exact at any moment; sales and rewards count once they are evaluated.
    async fn stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dates, of its program's time zone.")] range: DayRange,
    ) -> Result<PartnerStats, ApiError> {
        PartnerStats::load(ctx, Subject::Partner(self.0.id), range.checked()?).await
    }
}
