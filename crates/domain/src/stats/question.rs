use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, ProgramId};

use super::{DateRange, Figures};
use crate::{calendar::Calendar, schema::programs, scope::AccountScope};

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Of these programs together; `None` is all in reach.
    Programs(Option<Vec<ProgramId>>),
    /// Of a partner.
    Partner(PartnerId),
}

/// How fine. Hours are those of one calendar, and partners have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grain {
    /// The range as a whole.
    Whole,
    /// By hour.
    Hour(Calendar),
    /// By date.
    Day,
    /// By ISO week, which begins on Monday.
    Week,
    /// By month.
    Month,
}

/// Figures that are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Whose.
    pub of: Subject,
    /// Of which days.
    pub range: DateRange,
    /// How fine.
    pub by: Grain,
}

/// Where a part of a range begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Start {
    /// On this date: the first of the week or month, which may lie before the range.
    Day(NaiveDate),
    /// At this instant.
    Hour(DateTime<Utc>),
}

/// The figures of each part of a range that has any.
pub type Answer = BTreeMap<Start, Figures>;

impl Question {
    /// The figures of the range as a whole.
    pub fn of(of: Subject, range: DateRange) -> Self {
        Self { of, range, by: Grain::Whole }
    }
}

/// The different calendars of the programs in reach.
///
/// # Errors
/// The database's.
pub async fn calendars(conn: &mut AsyncPgConnection, scope: &AccountScope) -> QueryResult<Vec<Calendar>> {
    let mut query = programs::table
        .filter(programs::account_id.eq(scope.account_id))
        .select(programs::time_zone)
        .distinct()
        .into_boxed();
    if let Some(programs) = scope.programs() {
        query = query.filter(programs::id.eq_any(programs.to_vec()));
    }
    let zones: Vec<String> = query.load(conn).await?;
    Ok(zones.iter().map(|zone| Calendar::of(zone)).collect())
}
