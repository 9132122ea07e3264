//! What was counted before an event, as far as an evaluation asks for it. The answers are kept with the evaluation: it can
//! be made again from them.

use std::cell::RefCell;

use chrono::{Datelike, NaiveDate};
use ids::{CustomerId, PartnerId};
use money::{Currency, Ratio};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    ledger::Owner,
    terms::{Metric, Period, RuleId},
};

/// One period of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// How long it is.
    pub period: Period,
    /// Its first local date; for ALL the first of the year 1.
    pub start: NaiveDate,
}

impl Span {
    /// The period that the local date lies in.
    pub fn around(period: Period, day: NaiveDate) -> Self {
        let start = match period {
            Period::All => NaiveDate::from_ymd_opt(1, 1, 1),
            Period::Day => Some(day),
            Period::Week => {
                day.checked_sub_days(chrono::Days::new(day.weekday().num_days_from_monday().into()))
            }
            Period::Month => day.with_day(1),
            Period::Year => day.with_ordinal(1),
        };
        Self { period, start: start.unwrap_or(day) }
    }

    /// The period that the instant lies in.
    pub fn at(period: Period, calendar: Calendar, at: chrono::DateTime<chrono::Utc>) -> Self {
        Self::around(period, calendar.day(at))
    }
}

/// What a cap looks back on: the present net of a rule's rewards to one beneficiary, in one currency or unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CapKey {
    /// The rule, through all versions.
    pub rule: RuleId,
    /// To whom.
    pub beneficiary: Owner,
    /// For what.
    pub within: Within,
    /// In what.
    pub currency: Currency,
}

/// For what the rewards under a cap were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Within {
    /// For events of this customer.
    Customer(CustomerId),
    /// For events of this period.
    Span(Span),
}

/// The state before an event.
pub trait Counters {
    /// What of this metric the partner has in the period: a number, or major units of the program's currency.
    fn metric(&self, partner: PartnerId, metric: Metric, span: Span) -> Ratio;

    /// The present net of the rewards under a cap, in minor units.
    fn spent(&self, cap: &CapKey) -> i64;
}

/// The answers that an evaluation was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCounters {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<(PartnerId, Metric, Span, Ratio)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    spent: Vec<(CapKey, i64)>,
}

impl StoredCounters {
    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty() && self.spent.is_empty()
    }
}

/// Answers again; what was not asked then is 0.
impl Counters for StoredCounters {
    fn metric(&self, partner: PartnerId, metric: Metric, span: Span) -> Ratio {
        let asked =
            |row: &&(PartnerId, Metric, Span, Ratio)| (row.0, row.1, row.2) == (partner, metric, span);
        self.metrics.iter().find(asked).map_or_else(Ratio::zero, |row| row.3.clone())
    }

    fn spent(&self, cap: &CapKey) -> i64 {
        self.spent.iter().find(|row| row.0 == *cap).map_or(0, |row| row.1)
    }
}

/// Hands questions on, and keeps the answers.
pub(super) struct Reading<'a> {
    of: &'a dyn Counters,
    read: RefCell<StoredCounters>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(of: &'a dyn Counters) -> Self {
        Self { of, read: RefCell::default() }
    }

    pub(super) fn into_read(self) -> StoredCounters {
        self.read.into_inner()
    }
}

impl Counters for Reading<'_> {
    fn metric(&self, partner: PartnerId, metric: Metric, span: Span) -> Ratio {
        let answer = self.of.metric(partner, metric, span);
        let mut read = self.read.borrow_mut();
        if !read.metrics.iter().any(|row| (row.0, row.1, row.2) == (partner, metric, span)) {
            read.metrics.push((partner, metric, span, answer.clone()));
        }
        answer
    }

    fn spent(&self, cap: &CapKey) -> i64 {
        let answer = self.of.spent(cap);
        self.read.borrow_mut().spent.push((cap.clone(), answer));
        answer
    }
}
