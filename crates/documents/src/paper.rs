//! What every paper is made of.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::Amount;

/// One side of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The id where the paper was made, such as `acc_..`: names are chosen, ids are not.
    pub id: String,
    /// The name of the person or company.
    pub name: String,
    /// The lines of the address below the name.
    pub address: Vec<String>,
    /// The number under which taxes are paid, with its name: `VAT ID DE123456789`.
    pub tax_id: Option<String>,
}

/// The days that a paper is about, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Something that happened, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When.
    pub on: NaiveDate,
    /// What, in a few words.
    pub what: String,
    /// More about it, such as the number of a sale.
    pub detail: Option<String>,
    /// What it came to: above zero for the payee, below zero from them.
    pub amount: Amount,
}

/// A day as papers write it: `26 November 2026`.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// A day in a table: `26 Nov 2026`.
pub(crate) fn short_day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

impl Period {
    /// What the days have in common is said once: `1 – 30 November 2026`, `1 October – 31 December 2026`.
    pub(crate) fn words(self) -> String {
        let Self { from, to } = self;
        let first = match (from.year() == to.year(), from.month() == to.month()) {
            (true, true) if from.day() == to.day() => return day(from),
            (true, true) => from.format("%-d").to_string(),
            (true, false) => from.format("%-d %B").to_string(),
            (false, _) => day(from),
        };
        format!("{first} \u{2013} {}", day(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_said_shortly() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (from, to, words) in [
            ("2026-11-01", "2026-11-30", "1 \u{2013} 30 November 2026"),
            ("2026-10-01", "2026-12-31", "1 October \u{2013} 31 December 2026"),
            ("2025-11-01", "2026-11-30", "1 November 2025 \u{2013} 30 November 2026"),
            ("2026-11-05", "2026-11-05", "5 November 2026"),
        ] {
            assert_eq!(Period { from: date(from), to: date(to) }.words(), words);
        }
    }
}
