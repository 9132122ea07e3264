//! Whether a rule applies to an event: duration, beneficiary and conditions. rewards.md, section 4.

use chrono::{DateTime, TimeDelta, Utc};
use money::Ratio;

use super::{
    facts::{Facts, SaleFacts},
    gates::Passed,
    trace::Verdict,
};
use crate::{
    ledger::Owner,
    terms::{
        Beneficiary, Condition, ConditionField, ConditionOp, Duration, DurationStart, Operand, Rule,
        SelfReferral,
    },
    transactions::Line,
};

/// Why the event lies outside of the rule's duration, if it does.
pub(super) fn outside(rule: &Rule, facts: &Facts, passed: &Passed<'_>) -> Option<Verdict> {
    let sale = facts.sale.as_ref()?;
    let start = match rule.duration.from() {
        DurationStart::Attribution => passed.attribution.at,
        DurationStart::FirstSale => sale.first_sale_at.unwrap_or(facts.occurred_at),
    };
    if facts.occurred_at < start {
        return Some(Verdict::BeforeStart { start });
    }
    if let Some(end) = end(rule.duration, start, facts).filter(|end| facts.occurred_at >= *end) {
        return Some(Verdict::DurationEnded { end });
    }
    let ends_with = match rule.duration {
        Duration::Count { n, .. } => Some(n),
        _ => None,
    };
    if ends_with.is_some_and(|n| sale.index > n) {
        return Some(Verdict::CountEnded { index: sale.index });
    }
    if sale.index <= rule.start_after {
        return Some(Verdict::NotStarted { index: sale.index });
    }
    rule.end_after.is_some_and(|last| sale.index > last).then_some(Verdict::CountEnded { index: sale.index })
}

/// The first instant after the duration; nothing if it has no end by the clock.
fn end(duration: Duration, start: DateTime<Utc>, facts: &Facts) -> Option<DateTime<Utc>> {
    let months = |n: u32| facts.calendar.months_later(start, n);
    match duration {
        Duration::Lifetime { .. } | Duration::Count { .. } => None,
        Duration::Days { n, .. } => {
            TimeDelta::try_days(n.into()).and_then(|days| start.checked_add_signed(days))
        }
        Duration::Months { n, .. } => months(n),
        Duration::Years { n, .. } => n.checked_mul(12).and_then(months),
    }
}

/// Who gets what the rule gives, and whether a person decides because they are the customer; or why nobody does.
pub(super) fn beneficiary(
    rule: &Rule,
    facts: &Facts,
    passed: &Passed<'_>,
) -> Result<(Owner, bool), Box<Verdict>> {
    match rule.beneficiary {
        Beneficiary::Partner | Beneficiary::Upline if passed.is_for_customers_alone => {
            Err(Box::new(Verdict::PartnerSuspended))
        }
        Beneficiary::Partner => Ok((Owner::Partner(passed.attribution.partner), false)),
        Beneficiary::Referred => Ok((Owner::Customer(facts.customer.id), false)),
        Beneficiary::Upline => {
            let steps = usize::from(rule.level).checked_sub(1);
            let above = steps
                .and_then(|steps| passed.attribution.uplines.get(steps))
                .ok_or_else(|| Box::new(Verdict::NobodyThere))?;
            if !above.approved {
                return Err(Box::new(Verdict::UplineNotApproved { partner: above.partner }));
            }
            match (above.self_referred, passed.terms.self_referral) {
                (true, SelfReferral::Reject) => {
                    Err(Box::new(Verdict::UplineIsCustomer { partner: above.partner }))
                }
                (is_customer, policy) => {
                    Ok((Owner::Partner(above.partner), is_customer && policy == SelfReferral::Review))
                }
            }
        }
    }
}

/// The first condition of the whole event that does not hold.
pub(super) fn failed<'r>(rule: &'r Rule, facts: &Facts, passed: &Passed<'_>) -> Option<&'r Condition> {
    let of_event = rule.conditions.iter().filter(|condition| !condition.field.is_of_line());
    of_event.into_iter().find(|condition| !holds(condition, facts, passed))
}

/// Whether the line satisfies all conditions about lines.
pub(super) fn takes_line(rule: &Rule, line: &Line) -> bool {
    let holds = |condition: &Condition| match condition.field {
        ConditionField::LineProductId => listed(condition, line.product_id.as_slice()),
        ConditionField::LineProductType => listed(condition, line.product_type.as_slice()),
        _ => true,
    };
    rule.conditions.iter().all(holds)
}

fn holds(condition: &Condition, facts: &Facts, passed: &Passed<'_>) -> bool {
    let of_sale = |values: &dyn Fn(&SaleFacts) -> Vec<String>| {
        facts.sale.as_ref().is_none_or(|sale| listed(condition, &values(sale)))
    };
    match condition.field {
        ConditionField::PartnerTag => listed(condition, &passed.attribution.tags),
        ConditionField::PartnerGroup => listed(condition, passed.attribution.group.as_slice()),
        ConditionField::CustomerTag => listed(condition, &facts.customer.tags),
        ConditionField::CustomerCountry => listed(condition, facts.customer.country.as_slice()),
        ConditionField::SaleCurrency => of_sale(&|sale| vec![sale.currency.to_string()]),
        ConditionField::SaleKind => {
            of_sale(&|sale| vec![if sale.index == 1 { "FIRST" } else { "RECURRING" }.to_owned()])
        }
        ConditionField::SaleCoupon => of_sale(&|sale| sale.coupon.iter().cloned().collect()),
        ConditionField::SaleAmount => facts.sale.as_ref().is_none_or(|sale| amount_holds(condition, sale)),
        ConditionField::SaleAt => match &condition.operand {
            Operand::Time(at) => ordered(condition.op, &facts.occurred_at, at),
            _ => false,
        },
        ConditionField::LineProductId | ConditionField::LineProductType => true,
    }
}

fn amount_holds(condition: &Condition, sale: &SaleFacts) -> bool {
    let Operand::Amount(amount) = &condition.operand else { return false };
    let major = Ratio::from(sale.net).checked_div(&sale.currency.minor_per_major().into());
    major.is_some_and(|net| ordered(condition.op, &net, &amount.to_ratio()))
}

fn ordered<T: Ord>(op: ConditionOp, one: &T, other: &T) -> bool {
    match op {
        ConditionOp::Gte => one >= other,
        ConditionOp::Lt => one < other,
        ConditionOp::In | ConditionOp::NotIn => false,
    }
}

/// A missing value is in no list.
fn listed(condition: &Condition, values: &[String]) -> bool {
    let Operand::List(texts) = &condition.operand else { return false };
    let is_in = values.iter().any(|value| texts.contains(value));
    match condition.op {
        ConditionOp::In => is_in,
        ConditionOp::NotIn => !is_in,
        ConditionOp::Gte | ConditionOp::Lt => false,
    }
}
