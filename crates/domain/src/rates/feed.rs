//! The European Central Bank's reference rates, as it publishes them: `eurofxref-daily.xml`, `eurofxref-hist.xml`,
//! `eurofxref.csv` and `eurofxref-hist.csv`. A rate says how many units of a currency are given for one euro.

mod csv;
mod xml;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::Berlin;
use money::{Currency, Rate};

/// The reference rates of some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// A day each, in the order of the file.
    pub days: Vec<FeedDay>,
    /// Codes that are no currency in use any more, whose rates are left out.
    pub skipped: BTreeSet<String>,
}

/// The reference rates of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedDay {
    /// Which day.
    pub date: NaiveDate,
    /// Units of each currency for one euro.
    pub rates: Vec<(Currency, Rate)>,
}

/// Why a text is no such feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// It cannot be read as XML or CSV.
    #[error("it is neither XML nor CSV: {0}")]
    Unreadable(String),
    /// It has no rates.
    #[error("there is no rate in it")]
    Empty,
    /// A day that is none.
    #[error("{0:?} is no day")]
    Day(String),
    /// A rate that is none.
    #[error("{rate:?} of {currency:?} is no rate")]
    Rate {
        /// The code that it stands under.
        currency: String,
        /// What stands there.
        rate: String,
    },
}

impl Feed {
    /// Reads the text of a file, XML or CSV.
    ///
    /// # Errors
    /// [`FeedError`].
    pub fn read(text: &str) -> Result<Self, FeedError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let feed = if text.starts_with('<') { xml::read(text)? } else { csv::read(text)? };
        let has_rates = feed.days.iter().any(|day| !day.rates.is_empty());
        if has_rates { Ok(feed) } else { Err(FeedError::Empty) }
    }

    fn add(&mut self, code: &str, rate: &str) -> Result<(), FeedError> {
        let refused = || FeedError::Rate { currency: code.to_owned(), rate: rate.to_owned() };
        let Ok(currency) = Currency::parse(code) else {
            // A word that is no code at all is a slip in the file.
            if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(refused());
            }
            self.skipped.insert(code.to_owned());
            return Ok(());
        };
        let rate = rate.parse().map_err(|_| refused())?;
        let day = self.days.last_mut().ok_or_else(refused)?;
        if currency == Currency::EUR || day.rates.iter().any(|(known, _)| *known == currency) {
            return Err(refused());
        }
        day.rates.push((currency, rate));
        Ok(())
    }
}

impl FeedDay {
    /// From when on the rates count: 16:00 in Frankfurt, when they are published.
    pub fn at(&self) -> DateTime<Utc> {
        let published = self.date.and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(16);
        // No clock is changed in the afternoon.
        let local = published.and_local_timezone(Berlin).earliest();
        local.map_or_else(|| published.and_utc(), |local| local.to_utc())
    }
}

/// A day as the files write it: `2026-11-24`, or `24 November 2026`; of the years 1999 to 9999.
fn day(text: &str) -> Result<NaiveDate, FeedError> {
    use chrono::Datelike;
    let date = ["%Y-%m-%d", "%d %B %Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    date.filter(|date| (1999..=9999).contains(&date.year())).ok_or_else(|| FeedError::Day(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
          <gesmes:subject>Reference rates</gesmes:subject>
          <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
          <Cube>
            <Cube time='2026-07-03'><Cube currency='USD' rate='1.1000'/><Cube currency='HRK' rate='7.5'/></Cube>
            <Cube time="2026-01-05"><Cube currency="USD" rate="1.2"/><Cube currency="JPY" rate="160.01"></Cube></Cube>
          </Cube>
        </gesmes:Envelope>"#;

    /// `day currency rate` of each.
    fn rates(feed: &Feed) -> Vec<String> {
        let of_day = |day: &FeedDay| {
            let date = day.date;
            let rates = day.rates.iter().map(move |(currency, rate)| format!("{date} {currency} {rate}"));
            rates.collect::<Vec<_>>()
        };
        feed.days.iter().flat_map(of_day).collect()
    }

    #[test]
    fn xml_is_read() {
        let feed = Feed::read(XML).unwrap();
        assert_eq!(rates(&feed), ["2026-07-03 USD 1.1", "2026-01-05 USD 1.2", "2026-01-05 JPY 160.01"]);
        assert_eq!(feed.skipped, BTreeSet::from(["HRK".to_owned()]));
    }

    #[test]
    fn csv_is_read_in_both_forms() {
        let daily = "Date, USD, JPY, BGN, \n24 November 2026, 1.0856, 161.2, 1.9558, \n";
        let feed = Feed::read(daily).unwrap();
        assert_eq!(rates(&feed), ["2026-11-24 USD 1.0856", "2026-11-24 JPY 161.2"]);
        assert_eq!(feed.skipped, BTreeSet::from(["BGN".to_owned()]));
        let history = "\u{feff}Date,USD,JPY,\r\n2026-11-24,1.0856,N/A,\r\n2026-11-23,1.1,160,\r\n";
        let feed = Feed::read(history).unwrap();
        assert_eq!(rates(&feed), ["2026-11-24 USD 1.0856", "2026-11-23 USD 1.1", "2026-11-23 JPY 160"]);
    }

    #[test]
    fn rates_count_from_the_afternoon_of_frankfurt_on() {
        let feed = Feed::read(XML).unwrap();
        let at: Vec<_> = feed.days.iter().map(|day| day.at().to_rfc3339()).collect();
        assert_eq!(at, ["2026-07-03T14:00:00+00:00", "2026-01-05T15:00:00+00:00"]);
    }

    #[test]
    fn what_is_no_feed_is_refused() {
        let rate = |currency: &str, rate: &str| {
            Err(FeedError::Rate { currency: currency.to_owned(), rate: rate.to_owned() })
        };
        assert_eq!(Feed::read(""), Err(FeedError::Empty));
        assert_eq!(Feed::read("Date,USD\n"), Err(FeedError::Empty));
        assert_eq!(Feed::read("<a/>"), Err(FeedError::Empty));
        assert_eq!(Feed::read("Date,USD\n2026-02-30,1"), Err(FeedError::Day("2026-02-30".to_owned())));
        assert_eq!(Feed::read("Date,USD\n0026-02-03,1"), Err(FeedError::Day("0026-02-03".to_owned())));
        assert_eq!(Feed::read("Date,USD\n2026-02-03,-1"), rate("USD", "-1"));
        assert_eq!(Feed::read("Date,USD\n2026-02-03,1e3"), rate("USD", "1e3"));
        assert_eq!(Feed::read("Date,Dollar\n2026-02-03,1"), rate("Dollar", "1"));
        assert_eq!(Feed::read("Date,USD,USD\n2026-02-03,1,2"), rate("USD", "2"));
        assert_eq!(Feed::read("Date,EUR\n2026-02-03,1"), rate("EUR", "1"));
        assert_eq!(Feed::read("<Cube currency='USD' rate='1'/>"), rate("USD", "1"), "of no day");
        for text in ["hello", "Day,USD\n2026-02-03,1", "<a><b></a>", "<html><body>Not found"] {
            assert!(
                matches!(Feed::read(text), Err(FeedError::Unreadable(_))),
                "{text}: {:?}",
                Feed::read(text)
            );
        }
    }
}
