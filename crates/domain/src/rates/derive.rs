//! What follows from the rates of a day: since nothing is converted but by a stored rate, the rates to a program's currency are
//! computed once, when a feed is imported, and stored as rows of their own whose source names what they were made of.

use chrono::{DateTime, Utc};
use money::{Currency, Rate, Ratio};

use super::FeedDay;

/// Who says what a feed says.
const ECB: &str = "ECB";

/// A rate to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// What is converted.
    pub from: Currency,
    /// What it is converted to.
    pub to: Currency,
    /// How many major units of the one are given for one of the other.
    pub rate: Rate,
    /// From when on it counts.
    pub at: DateTime<Utc>,
    /// Who says so.
    pub source: String,
}

impl FeedDay {
    /// The rates of the day as they were published, from the euro; and those from each of its currencies, and from the euro, to the
    /// `wanted` ones. A derived rate is rounded to [`Rate::DIGITS`] significant digits, half to even.
    pub fn rows(&self, wanted: &[Currency]) -> Vec<RateRow> {
        let at = self.at();
        let said = self.rates.iter().map(|(to, rate)| RateRow {
            from: Currency::EUR,
            to: *to,
            rate: *rate,
            at,
            source: ECB.to_owned(),
        });
        said.chain(wanted.iter().flat_map(|to| self.derived(*to, at))).collect()
    }

    /// The rates from the day's currencies to this one, if the day has it.
    fn derived(&self, to: Currency, at: DateTime<Utc>) -> Vec<RateRow> {
        let per_euro =
            self.rates.iter().find(|(currency, _)| *currency == to).map(|(_, rate)| rate.to_ratio());
        let per_euro = if to == Currency::EUR { Some(Ratio::one()) } else { per_euro };
        let Some(per_euro) = per_euro else { return Vec::new() };
        let source = |from: Currency| match to {
            Currency::EUR => format!("{ECB}, the inverse of EUR to {from}"),
            _ => format!("{ECB}, EUR to {to} divided by EUR to {from}"),
        };
        let row = |(from, rate): &(Currency, Rate)| {
            let rate = Rate::nearest(&per_euro.checked_div(&rate.to_ratio())?)?;
            Some(RateRow { from: *from, to, rate, at, source: source(*from) })
        };
        self.rates.iter().filter(|(from, _)| *from != to).filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(rates: &[(Currency, &str)]) -> FeedDay {
        let rates = rates.iter().map(|(currency, rate)| (*currency, rate.parse().unwrap())).collect();
        FeedDay { date: "2026-11-24".parse().unwrap(), rates }
    }

    #[test]
    fn rates_to_a_programs_currency_are_derived_with_their_source() {
        use Currency::{EUR, GBP, JPY, USD};
        let day = day(&[(USD, "1.25"), (GBP, "0.75")]);
        let shown = |wanted: &[Currency]| {
            let rows = day.rows(wanted);
            rows.iter()
                .map(|row| format!("{} {} {} {}", row.from, row.to, row.rate, row.source))
                .collect::<Vec<_>>()
        };
        let said = ["EUR USD 1.25 ECB", "EUR GBP 0.75 ECB"];
        assert_eq!(shown(&[]), said);
        assert_eq!(shown(&[JPY]), said, "the day knows no yen");
        assert_eq!(
            shown(&[EUR, USD])[2..],
            [
                "USD EUR 0.8 ECB, the inverse of EUR to USD",
                "GBP EUR 1.33333333333333333 ECB, the inverse of EUR to GBP",
                "GBP USD 1.66666666666666667 ECB, EUR to USD divided by EUR to GBP",
            ]
        );
    }
}
