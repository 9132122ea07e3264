//! The checks that settings pass, whether a program is created or updated.

pub(super) use crate::text::Checks;
use money::{Currency, Money};
use rust_decimal::Decimal;

use crate::text::{self, TextProblem};

impl Checks {
    pub(super) fn name(&mut self, value: Option<&str>) -> Option<String> {
        value.and_then(|value| self.take("name", text::line(value, 200)))
    }

    pub(super) fn slug(&mut self, value: Option<&str>) -> Option<String> {
        value.and_then(|value| self.take("slug", text::slug(value, 60)))
    }

    pub(super) fn website(&mut self, value: Option<&str>) -> Option<String> {
        value.and_then(|value| self.take("website", text::web_address(value)))
    }

    pub(super) fn time_zone(&mut self, value: Option<&str>) -> Option<String> {
        let zone = value?.trim();
        let known = zone.parse::<chrono_tz::Tz>().map(|zone| zone.name().to_owned());
        self.take("timeZone", known.map_err(|_| TextProblem::Malformed))
    }

    pub(super) fn link_parameter(&mut self, value: Option<&str>) -> Option<String> {
        value.and_then(|value| self.take("linkParameter", text::slug(value, 30)))
    }

    /// In minor units, at least 0.
    pub(super) fn budget(&mut self, value: Option<Option<(Decimal, Currency)>>) -> Option<Option<i64>> {
        let Some((amount, currency)) = value? else { return Some(None) };
        let budget = Money::from_decimal(amount, currency).ok().filter(|budget| budget.minor() >= 0);
        self.take("rewardBudget", budget.ok_or(TextProblem::Malformed)).map(|budget| Some(budget.minor()))
    }

    pub(super) fn days(&mut self, field: &str, value: Option<i32>, least: i32) -> Option<i32> {
        let checked = value
            .map(|days| if (least..=3650).contains(&days) { Ok(days) } else { Err(TextProblem::Malformed) });
        checked.and_then(|checked| self.take(field, checked))
    }
}

/// A slug made of a name: what may stand in one is kept, the rest becomes single hyphens.
pub(super) fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(60).collect();
    if slug.is_empty() { "program".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_of_names() {
        for (name, slug) in
            [("Acme Partners", "acme-partners"), ("  Über & Co. ", "ber-co"), ("日本", "program")]
        {
            assert_eq!(slug_of(name), slug);
        }
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let mut checks = Checks::default();
        checks.name(Some(" "));
        checks.time_zone(Some("Europe/Atlantis"));
        checks.days("lateSaleDays", Some(-1), 0);
        let fields: Vec<_> = checks.0.iter().map(|problem| problem.path.join(".")).collect();
        assert_eq!(fields, ["name", "timeZone", "lateSaleDays"]);
    }
}
