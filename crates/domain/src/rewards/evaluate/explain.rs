//! A trace in words: for the owner who asks why an event earned what it did, and for who got the reward.

use chrono::{DateTime, Utc};
use money::{Currency, Money, Rate, Ratio};

use super::trace::{
    Applied, CapKind, CapTrace, ReviewReason, RuleTrace, StepTrace, TermsTrace, TierTrace, Trace, Verdict,
};
use crate::{
    rewards::NonRewardReason,
    terms::{Base, Condition, Metric, Of, Operand, Period, Value},
};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The program's owner: everything.
    Owner,
    /// Who got the reward, or did not: nothing of the evidence against them, nothing of the budget.
    Beneficiary,
}

/// The steps of an evaluation, one sentence each, in their order.
pub fn explain(trace: &Trace, view: View) -> Vec<String> {
    let mut sentences = vec![event(trace)];
    sentences.extend(trace.terms.as_ref().map(terms));
    sentences.extend(trace.rules.iter().map(|looked_at| rule(looked_at, trace, view)));
    let own = trace.rules.iter().filter_map(|looked_at| looked_at.applied()?.review.as_ref());
    let reviews: Vec<&ReviewReason> = trace.reviews.iter().chain(own).collect();
    match view {
        View::Owner => sentences.extend(reviews.into_iter().map(review)),
        View::Beneficiary if reviews.is_empty() => {}
        View::Beneficiary => sentences.push("A person decides about it.".to_owned()),
    }
    match (trace.reason, &trace.terms) {
        (Some(reason), _) => sentences.push(format!("No reward. {}", told(reason, view).sentence())),
        (None, Some(terms)) => sentences.push(format!("Held until {}.", time(terms.hold_until))),
        (None, None) => {}
    }
    sentences
}

/// How much the program may give in all is the owner's business: to others it is a cap like any other.
fn told(reason: NonRewardReason, view: View) -> NonRewardReason {
    match (reason, view) {
        (NonRewardReason::BudgetSpent, View::Beneficiary) => NonRewardReason::CapReached,
        (reason, _) => reason,
    }
}

fn event(trace: &Trace) -> String {
    let Trace { event, currency: program, .. } = trace;
    let customer = match event.attributed_at {
        Some(at) => format!("a customer who was attributed on {}", time(at)),
        None => "a customer who is attributed to nobody".to_owned(),
    };
    let at = time(event.occurred_at);
    if trace.rules.iter().any(|rule| matches!(rule.verdict, Verdict::StepReached(_))) {
        return format!("Reached on {at} by what counts of {customer}.");
    }
    let Some(sale) = &event.sale else { return format!("Sign-up on {at} of {customer}.") };
    let (net, gross) = (Money::new(sale.net, sale.currency), Money::new(sale.gross, sale.currency));
    let rate = match sale.rate {
        Some(rate) if rate != Rate::ONE || sale.currency != *program => {
            format!(" At the rate of {rate} {program} for 1 {}.", sale.currency)
        }
        _ => String::new(),
    };
    format!("Sale on {at} of {net} net ({gross} gross), number {} of {customer}.{rate}", sale.index)
}

fn terms(terms: &TermsTrace) -> String {
    format!(
        "Terms version {}: amounts are rounded {}, rewards are held for {} days.",
        terms.number, terms.rounding, terms.hold_days
    )
}

fn rule(looked_at: &RuleTrace, trace: &Trace, view: View) -> String {
    let value = looked_at.value_that_counted();
    let what = match (looked_at.of, &trace.event.sale) {
        (Of::Reward, _) => "the partner's own rewards",
        (Of::Base, Some(_)) => "the sale",
        (Of::Base, None) => "the sign-up",
    };
    let name = format!("Rule {}, {} {what}", looked_at.rule, value.phrase(looked_at.base, trace.currency));
    match &looked_at.verdict {
        Verdict::Applied(applied) => format!("{name}: {}.", arithmetic(looked_at, applied, trace, view)),
        Verdict::StepReached(step) => reached(looked_at, step, (trace.currency, view)),
        // Whether somebody stands above, and who, is nobody's business but the owner's.
        Verdict::NobodyThere | Verdict::UplineNotApproved { .. } | Verdict::UplineIsCustomer { .. }
            if view == View::Beneficiary =>
        {
            format!("{name}: does not apply, nobody above the partner can get it.")
        }
        verdict => format!("{name}: does not apply, {}.", why_not(verdict)),
    }
}

fn reached(looked_at: &RuleTrace, step: &StepTrace, (program, view): (Currency, View)) -> String {
    let major = |number: &Ratio| exact(&(number.clone() * program.minor_per_major().into()), program);
    let plain =
        |number: &Ratio| number.to_decimal().map_or_else(|| number.to_string(), |one| one.to_string());
    let (there, step_at) = match step.metric {
        Metric::Revenue | Metric::SaleAmount => (major(&step.reached), major(&step.step.to_ratio())),
        _ => (plain(&step.reached), step.step.to_string()),
    };
    let money = |minor| Money::new(minor, looked_at.value.currency(program, program));
    let gives = match step.without_budget.filter(|_| view == View::Owner) {
        Some(whole) => format!("{}, of which the budget leaves {}", money(whole), money(step.amount)),
        None => money(step.amount).to_string(),
    };
    format!(
        "Rule {}, a milestone of {}: {there} reached the step {step_at}, which gives {gives}.",
        looked_at.rule, step.metric
    )
}

fn why_not(verdict: &Verdict) -> String {
    match verdict {
        Verdict::BeforeStart { start } => {
            format!("the sale is from before its duration began on {}", time(*start))
        }
        Verdict::DurationEnded { end } => format!("its duration ended on {}", time(*end)),
        Verdict::CountEnded { index } => format!("sale number {index} of the customer is beyond its last"),
        Verdict::NotStarted { index } => format!("sale number {index} of the customer is before its first"),
        Verdict::PartnerSuspended => "the partner is suspended".to_owned(),
        Verdict::NobodyThere => "nobody is so many steps above the partner".to_owned(),
        Verdict::UplineNotApproved { .. } => "the partner above was not approved".to_owned(),
        Verdict::UplineIsCustomer { .. } => "the partner above is the customer".to_owned(),
        Verdict::ConditionFailed { condition } => format!("{} does not hold", words(condition)),
        Verdict::NoLinesMatch => "no line is of such a product".to_owned(),
        Verdict::NoLinesLeft => "earlier rules took every line".to_owned(),
        Verdict::NoReward => "the partner got no money for the sale".to_owned(),
        Verdict::Applied(_) | Verdict::StepReached(_) => "it applied".to_owned(),
    }
}

fn words(condition: &Condition) -> String {
    let operand = match &condition.operand {
        Operand::List(texts) => texts.join(", "),
        Operand::Amount(amount) => amount.to_string(),
        Operand::Time(at) => time(*at),
    };
    format!("{} {} {operand}", condition.field, condition.op)
}

fn arithmetic(looked_at: &RuleTrace, applied: &Applied, trace: &Trace, view: View) -> String {
    let mut parts = Vec::new();
    parts.extend(applied.tier.as_ref().map(|reached| tier(reached, trace.currency)));
    parts.extend(base(looked_at, applied, trace));
    let exact = exact(&applied.exact, applied.currency);
    parts.push(format!("exactly {exact}, rounded to {}", Money::new(applied.rounded, applied.currency)));
    let shown = |cap: &&CapTrace| view == View::Owner || cap.cap != CapKind::Budget;
    parts.extend(applied.caps.iter().filter(shown).map(|held| cap(held, applied.currency)));
    if view == View::Beneficiary && applied.caps.iter().any(|cap| cap.cap == CapKind::Budget) {
        parts.push(format!("{} given", Money::new(applied.amount, applied.currency)));
    }
    parts.join(", ")
}

fn base(looked_at: &RuleTrace, applied: &Applied, trace: &Trace) -> Option<String> {
    let sale = trace.event.sale.as_ref()?;
    if looked_at.of == Of::Reward {
        return Some(format!("{} of rewards", Money::new(applied.net, applied.currency)));
    }
    let count = match applied.lines.len() {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    };
    Some(match looked_at.value_that_counted() {
        Value::Percent { .. } => {
            let net = Money::new(applied.net, sale.currency);
            let gross = match looked_at.base {
                Base::Net => String::new(),
                Base::Gross => format!(
                    " x {} / {}",
                    Money::new(sale.gross, sale.currency),
                    Money::new(sale.net, sale.currency)
                ),
            };
            format!("{count} of net {net}{gross}")
        }
        Value::Fixed { .. } | Value::Units { .. } => format!("{count}, {} units", applied.quantity),
    })
}

fn tier(tier: &TierTrace, program: Currency) -> String {
    let metric = match tier.metric {
        Metric::Signups => "sign-ups",
        Metric::Sales => "sales",
        Metric::Customers => "customers who bought",
        Metric::Revenue => "of revenue",
        Metric::SaleAmount => "of this sale",
    };
    let period = match tier.span.period {
        Period::All => "",
        Period::Day => " that day",
        Period::Week => " that week",
        Period::Month => " that month",
        Period::Year => " that year",
    };
    let reached = match tier.metric {
        Metric::Revenue | Metric::SaleAmount => {
            exact(&(tier.reached.clone() * program.minor_per_major().into()), program)
        }
        _ => tier.reached.to_decimal().map_or_else(|| tier.reached.to_string(), |number| number.to_string()),
    };
    match tier.from {
        Some(from) => format!("tier from {from}, as there were {reached} {metric}{period}"),
        None => format!("below all tiers, as there were {reached} {metric}{period}"),
    }
}

fn cap(cap: &CapTrace, currency: Currency) -> String {
    let money = |minor| Money::new(minor, currency);
    let (limit, spent, amount) = (money(cap.limit), money(cap.spent), money(cap.amount));
    match cap.cap {
        CapKind::PerTransaction => format!("held down to {amount} by the most for one event"),
        CapKind::PerCustomer => {
            format!("held down to {amount} by the cap of {limit} per customer, {spent} before")
        }
        CapKind::PerPartner => {
            format!("held down to {amount} by the cap of {limit} per period, {spent} before")
        }
        CapKind::Budget => format!("held down to {amount} by what the budget has left"),
    }
}

fn review(reason: &ReviewReason) -> String {
    match reason {
        ReviewReason::SelfReferral => {
            "The customer is the partner: the rewards wait for a review.".to_owned()
        }
        ReviewReason::UplineSelfReferral => {
            "The customer is the partner above: the reward waits for a review.".to_owned()
        }
        ReviewReason::DuplicateSale { transaction, occurred_at } => format!(
            "The sale looks like {transaction} of {}: the rewards wait for a review.",
            time(*occurred_at)
        ),
        ReviewReason::ExistingCustomer { since } => format!(
            "The customer signed up on {}, before the partner brought them: the rewards wait for a review.",
            time(*since)
        ),
        ReviewReason::RejectedBefore => {
            "A reward of the same event was rejected, when it was another partner's: the rewards wait for a \
             review."
                .to_owned()
        }
        ReviewReason::Rule => "The rule asks for a review.".to_owned(),
    }
}

/// In major units as a decimal if it ends, as a fraction of minor units if it does not.
fn exact(minor: &Ratio, currency: Currency) -> String {
    let major = minor.checked_div(&currency.minor_per_major().into()).and_then(|major| major.to_decimal());
    match major {
        Some(decimal) => format!("{decimal} {currency}"),
        None => format!("{minor} of the minor unit of {currency}"),
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
