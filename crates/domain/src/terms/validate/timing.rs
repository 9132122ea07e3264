//! For how long, and for which of the customer's sales.

use super::{Beside, fields::Fields};
use crate::terms::{
    duration::Duration,
    problem::RuleFault,
    vocabulary::{DurationStart, DurationType, Word},
};

const FIELDS: &[&str] = &["type", "from", "n"];
const SALES: std::ops::RangeInclusive<u32> = 1..=10_000;
const SALES_FORM: &str = "a whole number from 1 to 10000";
const NONE_OR_SALES_FORM: &str = "a whole number from 0 to 10000";

/// The duration, and after how many of the customer's sales the rule begins and ends. Only sales have them.
pub(super) fn read(rule: &mut Fields<'_, '_>, beside: Beside) -> Option<(Duration, u32, Option<u32>)> {
    let duration = duration(rule);
    let start = match rule.has("startAfter") {
        true => rule.count("startAfter", (0..=*SALES.end(), NONE_OR_SALES_FORM)),
        false => Some(0),
    };
    let end = match rule.has("endAfter") {
        true => rule.count("endAfter", (SALES, SALES_FORM)).map(Some),
        false => Some(None),
    };
    if let Some(word) = beside.no_sale() {
        let said = [
            ("duration", duration.is_some_and(|duration| duration != Duration::default())),
            ("startAfter", start.is_some_and(|start| start > 0)),
            ("endAfter", end.flatten().is_some()),
        ];
        for (name, _) in said.into_iter().filter(|(_, is_said)| *is_said) {
            rule.meaningless(name, word);
        }
    }
    if let (Some(start), Some(Some(end))) = (start, end)
        && end <= start
    {
        rule.note("endAfter", RuleFault::Malformed { expected: "above startAfter" });
    }
    Some((duration?, start?, end?))
}

fn duration(rule: &mut Fields<'_, '_>) -> Option<Duration> {
    if !rule.has("duration") {
        return Some(Duration::default());
    }
    let mut fields = rule.inner("duration", FIELDS)?;
    let kind: DurationType = fields.word("type")?;
    let from = fields.word_or("from", DurationStart::Attribution);
    let n = match kind {
        DurationType::Lifetime => {
            if fields.has("n") {
                fields.meaningless("n", kind.word());
            }
            Some(0)
        }
        DurationType::Count => fields.count("n", (SALES, SALES_FORM)),
        DurationType::Days => fields.count("n", (1..=36_500, "a whole number from 1 to 36500")),
        DurationType::Months => fields.count("n", (1..=1_200, "a whole number from 1 to 1200")),
        DurationType::Years => fields.count("n", (1..=100, "a whole number from 1 to 100")),
    };
    let (from, n) = from.zip(n)?;
    Some(match kind {
        DurationType::Lifetime => Duration::Lifetime { from },
        DurationType::Count => Duration::Count { n, from },
        DurationType::Days => Duration::Days { n, from },
        DurationType::Months => Duration::Months { n, from },
        DurationType::Years => Duration::Years { n, from },
    })
}
