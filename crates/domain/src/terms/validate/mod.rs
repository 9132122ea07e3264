//! From JSON to rules that can be evaluated: everything that is wrong is said at once, with its path. What a rule says
//! beside a word that gives it no meaning is refused like what it cannot say: nobody would keep such a promise. A default
//! that is written out is as good as one that is left out.

mod conditions;
mod fields;
mod limits;
mod milestone;
mod rule;
mod tiers;
mod timing;
mod value;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{
    problem::{RuleFault, RuleProblem},
    rule::Rule,
    vocabulary::{Beneficiary, Of, Trigger, Word},
};

/// The most rules that a version may have.
pub const MOST_RULES: usize = 100;

/// Reads a version's rules, a JSON list.
///
/// # Errors
/// Every problem there is; paths begin with `rules`.
pub fn parse_rules(json: &Json) -> Result<Vec<Rule>, Vec<RuleProblem>> {
    let path = vec!["rules".to_owned()];
    let problem = |fault| vec![RuleProblem { path: path.clone(), fault }];
    let Json::Array(list) = json else {
        return Err(problem(RuleFault::Malformed { expected: "a list" }));
    };
    if list.len() > MOST_RULES {
        return Err(problem(RuleFault::TooMany { limit: MOST_RULES }));
    }
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    let mut rules = Vec::with_capacity(list.len());
    for (index, json) in list.iter().enumerate() {
        let path = vec!["rules".to_owned(), index.to_string()];
        let id_path = [path.as_slice(), &["id".to_owned()]].concat();
        let Some(rule) = rule::read((json, path), &mut problems) else {
            continue;
        };
        if !ids.insert(rule.id.clone()) {
            let fault = RuleFault::DuplicateId { id: rule.id.to_string() };
            problems.push(RuleProblem { path: id_path, fault });
        }
        rules.push(rule);
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

/// The words beside which the other fields have meaning or not; a word that cannot be read is beside nothing.
#[derive(Clone, Copy)]
struct Beside {
    trigger: Option<Trigger>,
    beneficiary: Option<Beneficiary>,
    of: Option<Of>,
}

impl Beside {
    /// The trigger, if it is another than a sale.
    fn no_sale(self) -> Option<&'static str> {
        self.trigger.filter(|trigger| *trigger != Trigger::Sale).map(Word::word)
    }

    /// The word of milestones.
    fn milestone(self) -> Option<&'static str> {
        self.trigger.filter(|trigger| *trigger == Trigger::Milestone).map(Word::word)
    }

    /// The word of what is given of other rewards.
    fn reward(self) -> Option<&'static str> {
        self.of.filter(|of| *of == Of::Reward).map(Word::word)
    }
}

#[cfg(test)]
mod tests;
