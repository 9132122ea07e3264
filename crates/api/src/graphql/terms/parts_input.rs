//! The parts of a rule as integrators write them.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::terms as words;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::words::{
    RewardConditionField, RewardConditionOp, RewardDurationStart, RewardDurationType, RewardMetric,
    RewardPer, RewardPeriod, RewardValueType,
};
use crate::graphql::years::CommonYears;

/// How much a rule gives: `{ type: PERCENT, percent: "12.5" }`, `{ type: FIXED, amount: "25.00" }`,
/// `{ type: FIXED, amount: "2", per: UNIT }` or `{ type: UNITS, unit: "points", amount: "10" }`.
#[derive(InputObject)]
pub struct RewardValueInput {
    /// Which of the other fields count; the others must be left out.
    #[graphql(name = "type")]
    kind: RewardValueType,
    /// With PERCENT: 0 to 1,000, exact.
    percent: Option<Decimal>,
    /// With FIXED: the amount in major units of the program's currency, with UNITS how many; 0 to 1,000,000,000, with `per`
    /// to 1,000,000. What is finer than the minor unit of the currency, or than one unit, is cut off.
    amount: Option<Decimal>,
    /// With FIXED and UNITS, for SALE: what the amount is paid for; once for the event when left out.
    per: Option<RewardPer>,
    /// With UNITS: the unit's name, 4 to 30 lower-case letters, e.g. `points`. Each name has a balance of its own.
    unit: Option<String>,
}

/// For how long a rule gives: `{ type: MONTHS, n: 12, from: FIRST_SALE }`.
#[derive(InputObject)]
pub struct RewardDurationInput {
    /// What is counted.
    #[graphql(name = "type")]
    kind: RewardDurationType,
    /// How many; needed by all but LIFETIME, which takes none.
    n: Option<i32>,
    /// From when.
    #[graphql(default_with = "RewardDurationStart::Attribution")]
    from: RewardDurationStart,
}

/// One condition: `{ field: PARTNER_TAG, op: IN, values: ["vip"] }`, `{ field: SALE_AMOUNT, op: GTE, amount: "75" }` or
/// `{ field: SALE_AT, op: LT, at: "2026-12-24T00:00:00Z" }`. Exactly one of `values`, `amount` and `at` is said: the one
/// that the field takes.
#[derive(InputObject)]
pub struct RewardConditionInput {
    /// What is looked at.
    field: RewardConditionField,
    /// How it is compared: GTE or LT for SALE_AMOUNT and SALE_AT, IN or NOT_IN for all others.
    op: RewardConditionOp,
    /// 1 to 100 texts of 1 to 255 characters, compared letter by letter.
    values: Option<Vec<String>>,
    /// With SALE_AMOUNT: major units of the sale's own currency, 0 to 1,000,000,000,000.
    amount: Option<Decimal>,
    /// With SALE_AT: an instant.
    #[graphql(validator(custom = "CommonYears"))]
    at: Option<DateTime<Utc>>,
}

/// Values that rise with a metric of the attributed partner, or with the sale: the highest step whose `from` is not above
/// the metric gives its value; below the first, the rule's. 20 % from the third sale of a month on:
/// `{ metric: SALES, period: MONTH, steps: [{ from: "2", value: { type: PERCENT, percent: "20" } }] }`, as the metric is
/// counted before the sale.
#[derive(InputObject)]
pub struct RewardTiersInput {
    /// What is counted.
    metric: RewardMetric,
    /// Of which events: of all, or of the same period of the program's calendar as the event. ALL when left out; DAY cannot
    /// be said, and with SALE_AMOUNT none.
    #[graphql(default_with = "RewardPeriod::All")]
    period: RewardPeriod,
    /// 1 to 100 steps, `from` rising.
    steps: Vec<RewardTierStepInput>,
}

/// One step of tiers.
#[derive(InputObject)]
pub struct RewardTierStepInput {
    /// From which metric on: a number, or for REVENUE and SALE_AMOUNT major units of the program's currency; 0 to
    /// 1,000,000,000,000.
    from: Decimal,
    /// What is given then. It may be of another type than the rule's.
    value: RewardValueInput,
}

/// What a rule gives at most, each cap in major units of the reward's currency or unit, 0 to 1,000,000,000; a reward is cut
/// to what is left. It is counted for each currency and unit apart, by the rule's id through all versions. What refunds took back,
/// and what a review rejected, is free again.
#[derive(InputObject)]
pub struct RewardCapsInput {
    /// For one sale or sign-up.
    per_transaction: Option<Decimal>,
    /// To one beneficiary for one customer, over all time.
    per_customer: Option<Decimal>,
    /// To one beneficiary for all their customers, in each period.
    per_partner: Option<RewardPeriodCapInput>,
}

/// A cap that begins anew with each period of the program's calendar.
#[derive(InputObject)]
pub struct RewardPeriodCapInput {
    /// The most, in major units of the reward's currency or unit, 0 to 1,000,000,000.
    amount: Decimal,
    /// Which period.
    #[graphql(default_with = "RewardPeriod::All")]
    period: RewardPeriod,
}

/// What a MILESTONE rule pays for, over all time: `{ metric: SIGNUPS, at: ["3", "10", "25"] }` pays at each of these, and
/// `{ metric: REVENUE, every: "1000" }` at each multiple. All that the partner ever brought counts, also before the rule was
/// published; each step pays a partner once by the rule's id, so that a rule with a new id pays every step again that is reached
/// with the partner's next event. Refunds that happen within its hold undo a step that the partner has no longer reached, also if
/// they are recorded later; one that was undone can be reached again.
#[derive(InputObject)]
pub struct RewardMilestoneInput {
    /// What is counted; SALE_AMOUNT cannot be said.
    metric: RewardMetric,
    /// 1 to 100 steps, rising: numbers, or for REVENUE major units of the program's currency; 0 to 1,000,000,000,000. Either
    /// this or `every`.
    at: Option<Vec<Decimal>>,
    /// A step at each multiple: 1 to 1,000,000,000,000. Either this or `at`.
    every: Option<Decimal>,
}

impl RewardValueInput {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "type": words::ValueType::from(self.kind),
            "percent": text(self.percent),
            "amount": text(self.amount),
            "per": self.per.map(words::Per::from),
            "unit": self.unit,
        })
    }
}

impl RewardDurationInput {
    pub(super) fn to_json(&self) -> Value {
        let from = words::DurationStart::from(self.from);
        json!({ "type": words::DurationType::from(self.kind), "n": self.n, "from": from })
    }
}

impl RewardConditionInput {
    /// Two operands are none: the domain refuses what is no list, amount or instant.
    pub(super) fn to_json(&self) -> Value {
        let amount = text(self.amount);
        let operand = match (&self.values, amount, self.at) {
            (Some(values), None, None) => json!(values),
            (None, Some(amount), None) => json!(amount),
            (None, None, Some(at)) => json!(at),
            (None, None, None) => Value::Null,
            _ => json!({}),
        };
        json!({
            "field": words::ConditionField::from(self.field),
            "op": words::ConditionOp::from(self.op),
            "value": operand,
        })
    }
}

impl RewardTiersInput {
    pub(super) fn to_json(&self) -> Value {
        let step = |step: &RewardTierStepInput| json!({ "from": step.from.to_string(), "value": step.value.to_json() });
        json!({
            "metric": words::Metric::from(self.metric),
            "period": words::Period::from(self.period),
            "steps": self.steps.iter().map(step).collect::<Vec<_>>(),
        })
    }
}

impl RewardCapsInput {
    pub(super) fn to_json(&self) -> Value {
        let per_partner = self.per_partner.as_ref().map(
            |cap| json!({ "amount": cap.amount.to_string(), "period": words::Period::from(cap.period) }),
        );
        json!({
            "perTransaction": text(self.per_transaction),
            "perCustomer": text(self.per_customer),
            "perPartner": per_partner,
        })
    }
}

impl RewardMilestoneInput {
    pub(super) fn to_json(&self) -> Value {
        let at = self.at.as_ref().map(|at| at.iter().map(Decimal::to_string).collect::<Vec<_>>());
        json!({ "metric": words::Metric::from(self.metric), "at": at, "every": text(self.every) })
    }
}

fn text(decimal: Option<Decimal>) -> Option<String> {
    decimal.map(|decimal| decimal.to_string())
}
