use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Date,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::calendar::Calendar;

/// How long a month is left alone when it is over: what was begun in its last moments may still be on its way into the ledger.
const SETTLES: TimeDelta = TimeDelta::minutes(15);

/// A month of a calendar, of the years 1000 to 9999, written as `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Date)]
pub struct Month(NaiveDate);

/// A text is no month such as `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month such as 2026-11")]
pub struct BadMonth;

impl Month {
    /// The month that this day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        self.next().0 - Days::new(1)
    }

    /// The one after it.
    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX))
    }

    /// Its days, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.0.iter_days().take_while(move |day| *day <= self.last_day())
    }

    /// Its first instant.
    pub fn begin(self, calendar: Calendar) -> DateTime<Utc> {
        calendar.begin(self.0)
    }

    /// From when on it can be stated: 15 minutes after its end.
    pub fn statable_from(self, calendar: Calendar) -> DateTime<Utc> {
        self.next().begin(calendar) + SETTLES
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = BadMonth;

    fn from_str(text: &str) -> Result<Self, BadMonth> {
        // Seven characters: `2026-3` is a slip.
        if text.len() != 7 || text.starts_with(['+', '-', '0']) {
            return Err(BadMonth);
        }
        format!("{text}-01").parse().map(Self).map_err(|_| BadMonth)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl ToSql<Date, Pg> for Month {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <NaiveDate as ToSql<Date, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<Date, Pg> for Month {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        <NaiveDate as FromSql<Date, Pg>>::from_sql(bytes).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_written_in_seven_characters() {
        assert_eq!(month("2026-11").to_string(), "2026-11");
        for wrong in [
            "2026-1",
            "2026-13",
            "2026-00",
            "26-11",
            "2026-11-01",
            "0999-11",
            "+026-11",
            "november",
            "2026\u{2d0}",
        ] {
            assert_eq!(wrong.parse::<Month>(), Err(BadMonth), "{wrong}");
        }
    }

    #[test]
    fn a_month_has_its_days_and_begins_where_its_calendar_says() {
        let february = month("2028-02");
        assert_eq!(february.days().count(), 29);
        assert_eq!(february.last_day().to_string(), "2028-02-29");
        assert_eq!(month("2026-12").next(), month("2027-01"));
        let berlin = Calendar::of("Europe/Berlin");
        assert_eq!(month("2026-11").begin(berlin).to_rfc3339(), "2026-10-31T23:00:00+00:00");
        assert_eq!(month("2026-11").statable_from(berlin).to_rfc3339(), "2026-11-30T23:15:00+00:00");
    }
}
