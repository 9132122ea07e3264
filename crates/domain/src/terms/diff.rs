//! What changes from one version to another, rule by rule and field by field.

use std::collections::BTreeSet;

use money::Currency;
use serde_json::{Map, Value as Json, json};

use super::{Rule, Terms};

/// What becomes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A field that differs. Texts as they are, numbers and structures as JSON; nothing where the field says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the API. `position` is a rule's place among those of both versions, from 1.
    pub field: String,
    /// What it said.
    pub before: Option<String>,
    /// What it says.
    pub after: Option<String>,
}

/// A rule that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDiff {
    /// Its id.
    pub rule: String,
    /// What becomes of it.
    pub change: RuleChange,
    /// With [`RuleChange::Changed`]: what differs.
    pub fields: Vec<FieldChange>,
    /// It in words, as it was.
    pub before: Option<String>,
    /// It in words, as it is.
    pub after: Option<String>,
}

/// All that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsDiff {
    /// The rules that differ: first those of the earlier version in its order, then the new ones in theirs.
    pub rules: Vec<RuleDiff>,
    /// What differs beside the rules.
    pub policies: Vec<FieldChange>,
}

impl Terms {
    /// What changes when this version takes the place of `before`, in a program of this currency.
    ///
    /// # Errors
    /// As [`Terms::rules`].
    pub fn diff_from(&self, before: &Self, currency: Currency) -> serde_json::Result<TermsDiff> {
        let (old, new) = (before.rules()?, self.rules()?);
        let words = |version: &Self, rule: &Rule| rule.sentence(currency, version.reward_currency);
        let place = |rule: &Rule, rules: &[Rule], others: &[Rule]| {
            let kept = rules.iter().filter(|rule| others.iter().any(|other| other.id == rule.id));
            kept.take_while(|kept| kept.id != rule.id).count() + 1
        };
        let mut rules = Vec::new();
        for rule in &old {
            let Some(now) = new.iter().find(|now| now.id == rule.id) else {
                rules.push(RuleDiff::of(rule, RuleChange::Removed, Some(words(before, rule)), None));
                continue;
            };
            let mut fields = changes(&said(rule), &said(now));
            let places = [place(rule, &old, &new), place(now, &new, &old)];
            fields.extend(change("position", &json!(places[0]), &json!(places[1])));
            if !fields.is_empty() {
                let (was, is) = (Some(words(before, rule)), Some(words(self, now)));
                rules.push(RuleDiff { fields, ..RuleDiff::of(rule, RuleChange::Changed, was, is) });
            }
        }
        for rule in new.iter().filter(|rule| old.iter().all(|before| before.id != rule.id)) {
            rules.push(RuleDiff::of(rule, RuleChange::Added, None, Some(words(self, rule))));
        }
        Ok(TermsDiff { rules, policies: changes(&before.policies(), &self.policies()) })
    }

    fn policies(&self) -> Json {
        json!({
            "holdDays": self.hold_days,
            "rounding": self.rounding,
            "selfReferral": self.self_referral,
            "rateMaxAgeDays": self.rate_max_age_days,
            "rewardCurrency": self.reward_currency,
            "duplicateSaleMinutes": self.duplicate_sale_minutes,
            "existingCustomerReview": self.existing_customer_review,
            "referredWhileSuspended": self.referred_while_suspended,
        })
    }
}

impl RuleDiff {
    fn of(rule: &Rule, change: RuleChange, before: Option<String>, after: Option<String>) -> Self {
        Self { rule: rule.id.to_string(), change, fields: Vec::new(), before, after }
    }

    fn sentence(&self) -> String {
        let Self { rule, change, fields, before, after } = self;
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        match change {
            RuleChange::Added => format!("Rule {rule} is new: {}", words(after)),
            RuleChange::Removed => format!("Rule {rule} is gone: {}", words(before)),
            RuleChange::Changed if before == after => {
                let places = fields.iter().map(FieldChange::sentence).collect::<Vec<_>>().join(" ");
                format!("Rule {rule} says the same. {places}")
            }
            RuleChange::Changed => {
                format!("Rule {rule} changes from: {} To: {}", words(before), words(after))
            }
        }
    }
}

impl FieldChange {
    fn sentence(&self) -> String {
        let said = |said: &Option<String>| said.clone().unwrap_or_else(|| "none".to_owned());
        format!("{} was {}, and is {}.", self.field, said(&self.before), said(&self.after))
    }
}

impl TermsDiff {
    /// The same in words, a sentence for each difference.
    pub fn sentences(&self) -> Vec<String> {
        let rules = self.rules.iter().map(RuleDiff::sentence);
        rules.chain(self.policies.iter().map(FieldChange::sentence)).collect()
    }
}

/// All that a rule says, defaults that are not written included.
fn said(rule: &Rule) -> Json {
    let mut said = json!({ "of": rule.of, "startAfter": rule.start_after, "reversal": rule.reversal,
        "review": rule.review });
    if let (Json::Object(said), Ok(Json::Object(written))) = (&mut said, serde_json::to_value(rule)) {
        said.extend(written);
        // Rules are told apart by it, and without caps there are none.
        said.remove("id");
        said.retain(|_, value| value.as_object().is_none_or(|fields| !fields.is_empty()));
    }
    said
}

fn changes(before: &Json, after: &Json) -> Vec<FieldChange> {
    let none = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let value = |fields: &Map<String, Json>, name: &str| fields.get(name).cloned().unwrap_or_default();
    names.into_iter().filter_map(|name| change(name, &value(before, name), &value(after, name))).collect()
}

fn change(field: &str, before: &Json, after: &Json) -> Option<FieldChange> {
    let text = |json: &Json| match json {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let change = FieldChange { field: field.to_owned(), before: text(before), after: text(after) };
    (before != after).then_some(change)
}
