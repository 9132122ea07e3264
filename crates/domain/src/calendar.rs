//! The calendar of a program: which local day and hour an instant belongs to.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Every offset of today's time zones is a multiple of this, so a local hour begins at one.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// Days and hours as a time zone has them, by the rules that this binary was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Calendar(Tz);

impl Calendar {
    /// The calendar of this IANA time zone. Names were checked when they were stored; of one that this binary does not
    /// know, UTC's.
    pub fn of(time_zone: &str) -> Self {
        Self(time_zone.parse().unwrap_or_else(|_| {
            tracing::error!(time_zone, "no such time zone; its days are taken to be UTC's");
            Tz::UTC
        }))
    }

    /// The local date.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// The instant at which the local hour begins.
    pub fn hour(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = at.with_timezone(&self.0);
        let (minutes, seconds) = (i64::from(local.minute()), i64::from(local.second()));
        at - TimeDelta::seconds(minutes * 60 + seconds)
            - TimeDelta::nanoseconds(i64::from(local.nanosecond()))
    }

    /// The first instant of a local date: midnight, or where that does not exist, what follows the gap.
    pub fn begin(self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        if let Some(at) = self.0.from_local_datetime(&midnight).earliest() {
            return at.to_utc();
        }
        // Somewhere behind the midnight before lies the first instant of this day, or of the next if this one is left out.
        let mut at = midnight.and_utc() - Days::new(1);
        while self.day(at) < day {
            at += QUARTER;
        }
        at
    }

    /// The same local time so many months later, the day cut to the month's last. A local time that does not exist takes the
    /// offset before the gap; one that exists twice is the first. Nothing beyond the end of time.
    pub fn months_later(self, at: DateTime<Utc>, months: u32) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&self.0).naive_local().checked_add_months(Months::new(months))?;
        if let Some(at) = self.0.from_local_datetime(&local).earliest() {
            return Some(at.to_utc());
        }
        let mut before = local;
        loop {
            before = before.checked_sub_signed(QUARTER)?;
            if let Some(at) = self.0.from_local_datetime(&before).latest() {
                return local.checked_sub_offset(at.offset().fix()).map(|at| at.and_utc());
            }
        }
    }

    /// The beginnings of the hours that have an instant in these days, `to` excluded, in order.
    pub fn hours(self, from: NaiveDate, to: NaiveDate) -> Vec<DateTime<Utc>> {
        let (mut at, end) = (self.begin(from), self.begin(to));
        let mut hours = Vec::new();
        while at < end {
            hours.push(self.hour(at));
            at += QUARTER;
        }
        hours.sort_unstable();
        hours.dedup();
        hours
    }
}

impl Serialize for Calendar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Calendar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 9] = [
        "UTC",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Apia",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Africa/Cairo",
    ];

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_hours_are_local() {
        let kolkata = Calendar::of("Asia/Kolkata");
        assert_eq!(kolkata.day(at("2026-03-02T18:30:00Z")).to_string(), "2026-03-03");
        assert_eq!(kolkata.hour(at("2026-03-02T18:59:59.5Z")), at("2026-03-02T18:30:00Z"));
        assert_eq!(Calendar::of("Nowhere/At_All"), Calendar::of("UTC"));
    }

    #[test]
    fn months_later_by_the_clock_on_the_wall() {
        let berlin = Calendar::of("Europe/Berlin");
        let later = |from: &str, months| berlin.months_later(at(from), months).unwrap();
        assert_eq!(later("2026-01-31T11:00:00Z", 1), at("2026-02-28T11:00:00Z"));
        assert_eq!(later("2026-02-15T11:00:00Z", 2), at("2026-04-15T10:00:00Z"));
        // 02:30 does not exist on 29 March 2026, and exists twice on 25 October.
        assert_eq!(later("2026-02-28T23:00:00Z", 1), at("2026-03-31T22:00:00Z"));
        assert_eq!(later("2026-01-29T01:30:00Z", 2), at("2026-03-29T01:30:00Z"));
        assert_eq!(later("2026-09-25T00:30:00Z", 1), at("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn days_of_other_lengths_have_other_hours() {
        let hours = |zone: &str, day: &str| {
            let day: NaiveDate = day.parse().unwrap();
            Calendar::of(zone).hours(day, day + Days::new(1)).len()
        };
        assert_eq!(hours("Europe/Berlin", "2026-03-29"), 23);
        assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25);
        assert_eq!(hours("Asia/Kolkata", "2026-10-25"), 24);
        // Begins at one in the morning.
        assert_eq!(hours("Africa/Cairo", "2026-04-24"), 23);
        // Samoa left this day out.
        assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0);
    }

    proptest! {
        // From 2012 on: until then Newfoundland put its clocks back across midnight.
        #[test]
        fn every_instant_lies_in_an_hour_of_its_day(zone in 0..ZONES.len(), seconds in 1_325_376_000_i64..2_000_000_000) {
            let calendar = Calendar::of(ZONES[zone]);
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let day = calendar.day(at);
            prop_assert!(calendar.begin(day) <= at && at < calendar.begin(day + Days::new(1)));
            prop_assert!(calendar.hours(day, day + Days::new(1)).contains(&calendar.hour(at)));
        }
    }
}
