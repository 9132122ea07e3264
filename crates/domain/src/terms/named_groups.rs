//! Groups in conditions: people say names, evaluation reads ids.

use super::{Condition, ConditionField, Operand, OperandKind, Rule, RuleFault, RuleProblem};
use crate::groups::Group;

/// Puts the id of each group in the place of its name, whatever the case. Ids stay.
///
/// # Errors
/// Every list that names what is no group of the program: it would never match.
pub(super) fn name_groups(rules: &mut [Rule], groups: &[Group]) -> Result<(), Vec<RuleProblem>> {
    let mut problems = Vec::new();
    for (index, rule) in rules.iter_mut().enumerate() {
        for (place, condition) in rule.conditions.iter_mut().enumerate() {
            if !name_in(condition, groups) {
                let path = ["rules", &index.to_string(), "conditions", &place.to_string(), "value"];
                let expected = "a list of ids or names of the program's groups";
                let fault = RuleFault::Operand { kind: OperandKind::List, expected };
                problems.push(RuleProblem { path: path.map(str::to_owned).to_vec(), fault });
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Whether all that it names are groups, if it is of groups.
fn name_in(condition: &mut Condition, groups: &[Group]) -> bool {
    let Condition { field: ConditionField::PartnerGroup, operand: Operand::List(names), .. } = condition
    else {
        return true;
    };
    names.iter_mut().all(|name| {
        let is_meant = |group: &&Group| {
            group.id.to_string() == *name || group.name.to_lowercase() == name.trim().to_lowercase()
        };
        let found = groups.iter().find(is_meant).map(|group| group.id.to_string());
        found.map(|id| *name = id).is_some()
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::terms::parse_rules;

    #[test]
    fn names_become_ids_and_strangers_are_refused() {
        let now = DateTime::UNIX_EPOCH;
        let ids = ids::IdSource::seeded(1);
        let group = |name: &str| Group {
            id: ids.next(now),
            account_id: ids.next(now),
            program_id: ids.next(now),
            name: name.to_owned(),
            created_at: now,
            updated_at: now,
        };
        let groups = [group("Gold"), group("Silver")];
        let silver = groups[1].id.to_string();
        let rules = |names: serde_json::Value| {
            let condition = json!({"field": "partner.group", "op": "IN", "value": names});
            let tag = json!({"field": "partner.tag", "op": "IN", "value": ["bronze"]});
            parse_rules(&json!([{"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
                "value": {"type": "PERCENT", "percent": "1"}, "conditions": [tag, condition]}]))
            .unwrap()
        };
        let mut named = rules(json!(["gold", silver]));
        name_groups(&mut named, &groups).unwrap();
        assert_eq!(named, rules(json!([groups[0].id, silver])));
        let problems = name_groups(&mut rules(json!(["gold", "bronze"])), &groups).unwrap_err();
        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let expected = "rules.0.conditions.1.value: must be a list of ids or names of the program's groups";
        assert_eq!(said, [expected]);
    }
}
