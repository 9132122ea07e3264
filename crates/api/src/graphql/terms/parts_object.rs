//! The parts of a rule as they are answered.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::terms::{Caps, Condition, Duration, FixedAmount, Milestone, Operand, Value};
use rust_decimal::Decimal;

use super::words::{
    RewardConditionField, RewardConditionOp, RewardDurationStart, RewardDurationType, RewardMetric,
    RewardPer, RewardPeriod, RewardValueType,
};

/// How much a rule gives.
#[derive(Clone, SimpleObject)]
pub struct RewardValue {
    /// Which of the other fields count.
    #[graphql(name = "type")]
    kind: RewardValueType,
    /// With PERCENT.
    percent: Option<Decimal>,
    /// With FIXED: in major units of the program's currency; with UNITS: how many.
    amount: Option<Decimal>,
    /// With FIXED and UNITS: what the amount is paid for; once for the event when null.
    per: Option<RewardPer>,
    /// With UNITS: the unit's name.
    unit: Option<String>,
}

/// For how long a rule gives.
#[derive(Clone, SimpleObject)]
pub struct RewardDuration {
    /// What is counted.
    #[graphql(name = "type")]
    kind: RewardDurationType,
    /// How many; null for LIFETIME.
    n: Option<i32>,
    /// From when.
    from: RewardDurationStart,
}

/// One condition of a rule. One of `values`, `amount` and `at` is there.
#[derive(Clone, SimpleObject)]
pub struct RewardCondition {
    /// What is looked at.
    field: RewardConditionField,
    /// How it is compared.
    op: RewardConditionOp,
    /// With IN and NOT_IN: with these texts.
    values: Option<Vec<String>>,
    /// With SALE_AMOUNT: with major units of the sale's own currency.
    amount: Option<Decimal>,
    /// With SALE_AT: with this instant.
    at: Option<DateTime<Utc>>,
}

/// What a rule gives at most, each cap in major units of the reward's currency or unit; null is no cap.
#[derive(Clone, SimpleObject)]
pub struct RewardCaps {
    /// For one sale or sign-up.
    per_transaction: Option<Decimal>,
    /// To one beneficiary for one customer.
    per_customer: Option<Decimal>,
    /// To one beneficiary in one period.
    per_partner: Option<RewardPeriodCap>,
}

/// A cap that begins anew with each period.
#[derive(Clone, SimpleObject)]
pub struct RewardPeriodCap {
    /// The most.
    amount: Decimal,
    /// Which period of the program's calendar.
    period: RewardPeriod,
}

/// What a MILESTONE rule pays for. One of `at` and `every` is there.
#[derive(Clone, SimpleObject)]
pub struct RewardMilestone {
    /// What is counted.
    metric: RewardMetric,
    /// The steps, rising: numbers, or for REVENUE major units of the program's currency.
    at: Option<Vec<Decimal>>,
    /// A step at each multiple.
    every: Option<Decimal>,
}

impl RewardValue {
    pub(super) fn of(value: &Value) -> Self {
        let kind = value.kind().into();
        let none = Self { kind, percent: None, amount: None, per: None, unit: None };
        match value {
            Value::Percent { percent } => Self { percent: Some(percent.to_decimal()), ..none },
            Value::Fixed { amount, per } => {
                Self { amount: Some(amount.to_decimal()), per: per.map(Into::into), ..none }
            }
            Value::Units { unit, amount, per } => Self {
                amount: Some(amount.to_decimal()),
                per: per.map(Into::into),
                unit: Some(unit.to_string()),
                ..none
            },
        }
    }
}

impl RewardDuration {
    pub(super) fn of(duration: Duration) -> Self {
        let n = duration.n().and_then(|n| i32::try_from(n).ok());
        Self { kind: duration.kind().into(), n, from: duration.from().into() }
    }
}

impl RewardCondition {
    pub(super) fn of(condition: &Condition) -> Self {
        let (field, op) = (condition.field.into(), condition.op.into());
        let none = Self { field, op, values: None, amount: None, at: None };
        match &condition.operand {
            Operand::List(texts) => Self { values: Some(texts.clone()), ..none },
            Operand::Amount(amount) => Self { amount: Some(amount.to_decimal()), ..none },
            Operand::Time(at) => Self { at: Some(*at), ..none },
        }
    }
}

impl RewardCaps {
    pub(super) fn of(caps: &Caps) -> Self {
        let per_partner = caps
            .per_partner
            .map(|cap| RewardPeriodCap { amount: cap.amount.to_decimal(), period: cap.period.into() });
        Self {
            per_transaction: caps.per_transaction.map(FixedAmount::to_decimal),
            per_customer: caps.per_customer.map(FixedAmount::to_decimal),
            per_partner,
        }
    }
}

impl RewardMilestone {
    pub(super) fn of(milestone: &Milestone) -> Self {
        let at = milestone.at.as_ref();
        Self {
            metric: milestone.metric.into(),
            at: at.map(|at| at.iter().map(|step| step.to_decimal()).collect()),
            every: milestone.every.map(money::Threshold::to_decimal),
        }
    }
}
