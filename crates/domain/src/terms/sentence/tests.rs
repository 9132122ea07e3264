use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::terms::{parse_rules, samples::any_rule};

/// The sentence of a rule of 12.5 % for the partner of a sale, with these fields besides or instead.
fn sentence(fields: Json) -> String {
    let mut rule = json!({"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "12.50"}});
    rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let rules = parse_rules(&json!([rule])).unwrap_or_else(|problems| panic!("{rule}: {problems:?}"));
    rules[0].sentence(Currency::USD, RewardCurrency::Program)
}

fn check(table: &[(Json, &str)]) {
    for (fields, expected) in table {
        assert_eq!(sentence(fields.clone()), *expected, "{fields}");
    }
}

#[test]
fn who_gets_what() {
    let fixed = json!({"type": "FIXED", "amount": "5.009"});
    let points = json!({"type": "UNITS", "unit": "points", "amount": "10.9"});
    check(&[
        (json!({}), "The partner gets 12.5 % of the net of each sale."),
        (json!({"base": "GROSS"}), "The partner gets 12.5 % of the gross of each sale."),
        (
            json!({"value": fixed, "stacking": "ADD"}),
            "The partner gets 5.00 USD for each sale, on top of the other rules.",
        ),
        (
            json!({"value": {"type": "FIXED", "amount": "5", "per": "UNIT"}}),
            "The partner gets 5.00 USD for each unit of each sale.",
        ),
        (
            json!({"value": points, "trigger": "SIGNUP", "beneficiary": "REFERRED"}),
            "The customer gets 10 points for each sign-up.",
        ),
        (
            json!({"beneficiary": "UPLINE", "level": 1}),
            "The partner 1 level up gets 12.5 % of the net of each sale.",
        ),
        (
            json!({"beneficiary": "UPLINE", "level": 3, "of": "REWARD"}),
            "The partner 3 levels up gets 12.5 % of what the partner gets for each sale.",
        ),
        (
            json!({"priority": -2, "reversal": "WHOLE", "review": true}),
            "The partner gets 12.5 % of the net of each sale. A partial refund takes nothing back. \
             Its priority is -2. A person decides about each of its rewards.",
        ),
    ]);
}

#[test]
fn for_how_long() {
    let first_sale = |kind: &str, n: Json| json!({"duration": {"type": kind, "n": n, "from": "FIRST_SALE"}});
    let of = |timing: &str| format!("The partner gets 12.5 % of the net of each sale, {timing}.");
    let table = [
        (json!({"duration": {"type": "MONTHS", "n": 12}}), "for 12 months from the customer's attribution"),
        (json!({"duration": {"type": "COUNT", "n": 1}}), "for the customer's first sale"),
        (
            first_sale("COUNT", json!(3)),
            "for the customer's first 3 sales from the customer's first sale that still counts on",
        ),
        (first_sale("DAYS", json!(1)), "for 1 day from the customer's first sale that still counts"),
        (first_sale("LIFETIME", json!(null)), "from the customer's first sale that still counts on"),
        (json!({"startAfter": 1}), "from the customer's 2nd sale on"),
        (json!({"endAfter": 4}), "up to the customer's 4th sale"),
        (json!({"startAfter": 2, "endAfter": 4}), "from the customer's 3rd to their 4th sale"),
        (json!({"startAfter": 2, "endAfter": 3}), "for the customer's 3rd sale"),
        (
            json!({"duration": {"type": "YEARS", "n": 2}, "startAfter": 1}),
            "for 2 years from the customer's attribution, from the customer's 2nd sale on",
        ),
    ];
    for (fields, timing) in table {
        assert_eq!(sentence(fields.clone()), of(timing), "{fields}");
    }
}

#[test]
fn under_which_conditions() {
    let conditions = |list: &[(&str, &str, Json)]| {
        let list: Vec<_> =
            list.iter().map(|(field, op, value)| json!({"field": field, "op": op, "value": value})).collect();
        sentence(json!({"conditions": list}))
    };
    let table = [
        (vec![("partner.tag", "IN", json!(["vip"]))], "if the partner has the tag \"vip\""),
        (
            vec![("customer.tag", "NOT_IN", json!(["new", "student"]))],
            "if the customer has none of the tags \"new\", \"student\"",
        ),
        (
            vec![
                ("partner.group", "IN", json!(["gold", "blue"])),
                ("customer.country", "NOT_IN", json!(["DE"])),
            ],
            "if the partner's group is one of \"gold\", \"blue\" and the customer's country is not \"DE\"",
        ),
        (
            vec![
                ("line.productId", "IN", json!(["pro"])),
                ("sale.currency", "IN", json!(["EUR"])),
                ("line.productType", "NOT_IN", json!(["plan", "seat"])),
                ("sale.coupon", "IN", json!(["SAVE10"])),
            ],
            "only for lines whose product is \"pro\" and whose product type is none of \"plan\", \"seat\", \
             if its currency is \"EUR\" and its coupon is \"SAVE10\"",
        ),
        (vec![("sale.kind", "IN", json!(["FIRST"]))], "if it is the customer's first sale"),
        (vec![("sale.kind", "NOT_IN", json!(["FIRST"]))], "if it is a later sale of the customer"),
        (
            vec![("sale.amount", "GTE", json!("75.0")), ("sale.amount", "LT", json!("200"))],
            "if its net is at least 75 in the sale's currency and its net is below 200 in the sale's currency",
        ),
        (
            vec![
                ("sale.at", "GTE", json!("2026-02-20T01:00:00+01:00")),
                ("sale.at", "LT", json!("2026-03-01T00:00:00Z")),
            ],
            "if it is not before 2026-02-20T00:00:00Z and it is before 2026-03-01T00:00:00Z",
        ),
    ];
    for (list, phrase) in table {
        let expected = format!("The partner gets 12.5 % of the net of each sale, {phrase}.");
        assert_eq!(conditions(&list), expected);
    }
}

#[test]
fn how_much_at_which_step_and_at_most() {
    let percent = |percent: &str| json!({"type": "PERCENT", "percent": percent});
    let points = json!({"type": "UNITS", "unit": "points", "amount": "3", "per": "UNIT"});
    let steps = json!([{"from": "3", "value": percent("20")}, {"from": "10", "value": points}]);
    let one = "The partner gets 12.5 % of the net of each sale.";
    let table = [
        (
            json!({"tiers": {"metric": "SALES", "period": "MONTH", "steps": steps}, "caps": {"perCustomer": "50"}}),
            "From 3 sales of the partner in the same month on it is 20 % of the net, from 10 on 3 points for each \
             unit. At most 50 of the reward's currency or unit for one customer.",
        ),
        (
            json!({"tiers": {"metric": "SALE_AMOUNT", "steps": [{"from": "100", "value": percent("5")}]}}),
            "From a net of 100 USD on it is 5 % of the net.",
        ),
        (
            json!({"tiers": {"metric": "REVENUE", "steps": [{"from": "0.5", "value": percent("5")}]}}),
            "From 0.5 USD of revenue of the partner on it is 5 % of the net.",
        ),
        (
            json!({"caps": {"perTransaction": "50.009", "perCustomer": "80",
                "perPartner": {"amount": "150", "period": "MONTH"}}}),
            "At most 50.00 USD for one sale, 80.00 USD for one customer and 150.00 USD in a month.",
        ),
        (json!({"caps": {"perPartner": {"amount": "1"}}}), "At most 1.00 USD in all."),
    ];
    for (fields, more) in table {
        assert_eq!(sentence(fields.clone()), format!("{one} {more}"), "{fields}");
    }
}

#[test]
fn milestones() {
    let value = json!({"type": "FIXED", "amount": "100"});
    let milestone =
        |milestone: Json| sentence(json!({"trigger": "MILESTONE", "value": value, "milestone": milestone}));
    let table = [
        (json!({"metric": "SIGNUPS", "at": ["3", "10", "25"]}), "reaching 3, 10 and 25 sign-ups, once each"),
        (json!({"metric": "CUSTOMERS", "at": ["1"]}), "reaching 1 customer with a sale, once"),
        (json!({"metric": "REVENUE", "every": "500.50"}), "every 500.5 USD of revenue"),
        (json!({"metric": "SALES", "every": "1"}), "every 1 sale"),
    ];
    for (fields, phrase) in table {
        assert_eq!(milestone(fields), format!("The partner gets 100.00 USD for {phrase}."));
    }
}

#[test]
fn caps_are_counted_in_what_the_rewards_are() {
    let rules = json!([{"id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "5"}, "caps": {"perTransaction": "9.50"}}]);
    let rule = parse_rules(&rules).unwrap().remove(0);
    let sentence = rule.sentence(Currency::USD, RewardCurrency::Sale);
    assert_eq!(
        sentence,
        "The partner gets 5 % of the net of each sale. At most 9.5 of the sale's currency for one sale."
    );
}

/// The rule with one of its fields as the other has it, if that is a rule.
fn crossed(rule: &Rule, other: &Rule, field: usize) -> Option<Rule> {
    let mut crossed = rule.clone();
    let other = other.clone();
    match field {
        0 => (crossed.beneficiary, crossed.level) = (other.beneficiary, other.level),
        1 => crossed.priority = other.priority,
        2 => crossed.stacking = other.stacking,
        3 => crossed.value = other.value,
        4 => crossed.base = other.base,
        5 => crossed.of = other.of,
        6 => crossed.duration = other.duration,
        7 => crossed.start_after = other.start_after,
        8 => crossed.end_after = other.end_after,
        9 => crossed.conditions = other.conditions,
        10 => crossed.tiers = other.tiers,
        11 => crossed.caps = other.caps,
        12 => crossed.reversal = other.reversal,
        13 => crossed.milestone = other.milestone,
        _ => crossed.review = other.review,
    }
    parse_rules(&json!([crossed])).ok()?.pop()
}

proptest! {
    /// Every field shows. The currency is the finest, so that no two amounts are cut to one.
    #[test]
    fn another_field_is_another_sentence(rule in any_rule(), other in any_rule(), field in 0..15_usize) {
        let words = |rule: &Rule| rule.sentence(Currency::CLF, RewardCurrency::Program);
        if let Some(crossed) = crossed(&rule, &other, field).filter(|crossed| *crossed != rule) {
            prop_assert_ne!(words(&rule), words(&crossed), "{:?} {:?}", rule, crossed);
        }
    }
}
