use async_graphql::{Context, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{
    calendar::Calendar,
    stats::{Answer, DateRange, Question, Start, Subject, starts},
};
use money::Currency;
use rust_decimal::Decimal;

use super::{
    enums::{Interval, Metric},
    rights,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    scalars::{CurrencyCode, Date},
};

/// The most points of one series: five years by day of one figure, or a year of five.
const MOST_POINTS: usize = 2_000;
const TOO_MANY_POINTS: &str =
    "A series has at most 2,000 points: ask for a shorter range, a longer interval or fewer metrics.";

/// A value of a series.
#[derive(Clone, SimpleObject)]
pub struct SeriesPoint {
    /// The date; of a week or month its first, which may lie before the range; of an hour the local one.
    date: Date,
    /// When the hour begins; null unless the interval is HOUR.
    at: Option<DateTime<Utc>>,
    /// What it is a value of.
    metric: Metric,
    /// The currency of an amount; null for what is counted.
    currency: Option<CurrencyCode>,
    /// How many, or in major units of the currency how much, in the part of the interval that lies in the range.
    value: Decimal,
}

/// What a series is asked for.
pub(super) struct Series {
    pub(super) of: Subject,
    pub(super) range: DateRange,
    pub(super) interval: Interval,
    pub(super) metrics: Vec<Metric>,
    /// Whose hours.
    pub(super) calendar: Calendar,
    /// The currency whose amounts are shown even if there are none.
    pub(super) always: Option<Currency>,
}

impl Series {
    /// A point for each metric, for each currency of an amount, for each part of the range.
    pub(super) async fn points(self, ctx: &Context<'_>) -> Result<Vec<SeriesPoint>, ApiError> {
        if self.interval == Interval::Hour {
            self.range.at_most(DateRange::MOST_DAYS_BY_HOUR)?;
        }
        let metrics = self.metrics();
        metrics.iter().try_for_each(|metric| rights::check(ctx, *metric))?;
        let by = self.interval.grain(self.calendar);
        let question = Question { of: self.of.clone(), range: self.range, by };
        let answer = Request::loader(ctx)?.load_one(question).await?.unwrap_or_default();
        let (starts, currencies) = (starts(self.range, by), self.currencies(&answer));
        let lines: Vec<(domain::stats::Metric, Option<Currency>)> = metrics
            .into_iter()
            .flat_map(|metric| match metric.is_money() {
                true => currencies.iter().map(|currency| (metric, Some(*currency))).collect(),
                false => vec![(metric, None)],
            })
            .collect();
        // Before any is made: how many currencies occur is known only now.
        if lines.len().saturating_mul(starts.len()) > MOST_POINTS {
            return Err(ApiError::BadInput(TOO_MANY_POINTS));
        }
        let mut points = Vec::new();
        for (metric, currency) in lines {
            points.extend(starts.iter().map(|start| self.point(*start, metric, currency, &answer)));
        }
        Ok(points)
    }

    /// Each once, as they were said.
    fn metrics(&self) -> Vec<domain::stats::Metric> {
        let mut metrics = Vec::new();
        for metric in self.metrics.iter().copied().map(domain::stats::Metric::from) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        metrics
    }

    fn currencies(&self, answer: &Answer) -> Vec<Currency> {
        let found = answer.values().flat_map(|figures| figures.by_currency().map(|amounts| amounts.currency));
        let mut currencies: Vec<Currency> = found.chain(self.always).collect();
        currencies.sort_unstable();
        currencies.dedup();
        currencies
    }

    fn point(
        &self,
        start: Start,
        metric: domain::stats::Metric,
        currency: Option<Currency>,
        answer: &Answer,
    ) -> SeriesPoint {
        let value = answer.get(&start).map_or(0, |figures| metric.value(figures, currency));
        let (date, at) = match start {
            Start::Day(day) => (day, None),
            Start::Hour(hour) => (self.calendar.day(hour), Some(hour)),
        };
        SeriesPoint {
            date: Date(date),
            at,
            metric: metric.into(),
            currency: currency.map(CurrencyCode),
            value: decimal(value, currency),
        }
    }
}

/// An amount in major units, or a number as it is.
pub(super) fn decimal(value: i64, currency: Option<Currency>) -> Decimal {
    currency.map_or_else(|| value.into(), |currency| money::Money::new(value, currency).to_decimal())
}
