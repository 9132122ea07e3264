//! W13: what was recorded, through the ordered writer of rewards, and under other terms by a what-if.

mod drain;
mod history;
mod what_if;

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde_json::{Value, json};

use crate::{ground::Ground, options::Options, seed::Offer, table::Table};

/// The days that the history has sold on.
const DAYS: u64 = 365;

/// Terms by their name in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Promise {
    /// A fifth of each sale.
    Plain,
    /// Monthly tiers, two caps, a share for the partner above, and milestones: much that looks back.
    Rich,
}

/// Measures each once: a drain and a simulation are long enough to be their own median.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let title = format!(
        "W13: {} recorded sales through `rewards.compute`, {} under other terms by `termsSimulate`",
        options.drained_sales, options.simulated_sales
    );
    let mut table = Table::new(&title);
    for promise in [Promise::Plain, Promise::Rich] {
        drain::measure(ground, options, promise, &mut table).await?;
    }
    what_if::measure(ground, options, &mut table).await?;
    Ok(table)
}

impl Promise {
    fn word(self) -> &'static str {
        match self {
            Self::Plain => "a fifth of each sale",
            Self::Rich => "tiers, caps, an upline and milestones",
        }
    }

    fn rules(self) -> Value {
        let percent = |percent: &str| json!({ "type": "PERCENT", "percent": percent });
        let step = |from: &str, value: &str| json!({ "from": from, "value": percent(value) });
        match self {
            Self::Plain => Offer::default().rules,
            Self::Rich => json!([
                { "id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": percent("20"),
                  "tiers": { "metric": "REVENUE", "period": "MONTH",
                      "steps": [step("5000", "22"), step("20000", "25")] },
                  "caps": { "perCustomer": "5000", "perPartner": { "amount": "20000", "period": "MONTH" } } },
                { "id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 1, "of": "REWARD",
                  "value": percent("10") },
                { "id": "steps", "trigger": "MILESTONE", "beneficiary": "PARTNER",
                  "value": { "type": "FIXED", "amount": "20" },
                  "milestone": { "metric": "REVENUE", "every": "10000" } },
            ]),
        }
    }

    fn offer(self, since: Option<DateTime<Utc>>) -> Offer {
        Offer { rules: self.rules(), since, has_uplines: self == Self::Rich }
    }
}

/// When the history begins.
fn beginning(now: DateTime<Utc>) -> DateTime<Utc> {
    (now.date_naive() - Days::new(DAYS)).and_time(NaiveTime::MIN).and_utc()
}
