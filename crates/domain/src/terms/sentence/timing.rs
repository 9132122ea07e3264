//! For how long, in words.

use crate::terms::{duration::Duration, vocabulary::DurationStart};

/// ", for 12 months from the customer's attribution"; nothing for what is said of every sale.
pub(super) fn phrase(duration: Duration, start_after: u32, end_after: Option<u32>) -> String {
    let lasting = match duration {
        Duration::Lifetime { from: DurationStart::Attribution } => String::new(),
        Duration::Lifetime { from } => format!(", from {} on", start(from)),
        Duration::Count { n, from } => {
            let sales = if n == 1 { "sale".to_owned() } else { format!("{n} sales") };
            let since = match from {
                DurationStart::Attribution => String::new(),
                DurationStart::FirstSale => format!(" from {} on", start(from)),
            };
            format!(", for the customer's first {sales}{since}")
        }
        Duration::Days { n, from } => span(n, "day", from),
        Duration::Months { n, from } => span(n, "month", from),
        Duration::Years { n, from } => span(n, "year", from),
    };
    format!("{lasting}{}", which(start_after, end_after))
}

fn span(n: u32, unit: &str, from: DurationStart) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!(", for {n} {unit}{plural} from {}", start(from))
}

fn start(from: DurationStart) -> &'static str {
    match from {
        DurationStart::Attribution => "the customer's attribution",
        DurationStart::FirstSale => "the customer's first sale that still counts",
    }
}

/// Which of the customer's sales.
fn which(start_after: u32, end_after: Option<u32>) -> String {
    let first = ordinal(start_after.saturating_add(1));
    match (start_after, end_after) {
        (0, None) => String::new(),
        (_, None) => format!(", from the customer's {first} sale on"),
        (start, Some(end)) if end == start.saturating_add(1) => format!(", for the customer's {first} sale"),
        (0, Some(end)) => format!(", up to the customer's {} sale", ordinal(end)),
        (_, Some(end)) => format!(", from the customer's {first} to their {} sale", ordinal(end)),
    }
}

fn ordinal(n: u32) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sales_are_numbered() {
        let numbered = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 113, 1003].map(ordinal).join(" ");
        assert_eq!(numbered, "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th 113th 1003rd");
    }
}
