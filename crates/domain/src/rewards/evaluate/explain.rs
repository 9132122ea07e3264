//! A trace in words, for the owner who asks why a sale earned what it did.

use chrono::{DateTime, Utc};
use money::{Currency, Money, Rate, Ratio};

use super::trace::{Applied, RuleTrace, SaleTrace, TermsTrace, Trace, Verdict};
use crate::terms::{Base, Value};

/// The steps of an evaluation, one sentence each, in their order.
pub fn explain(trace: &Trace) -> Vec<String> {
    let mut sentences = vec![sale(&trace.sale, trace.currency)];
    sentences.extend(trace.terms.as_ref().map(terms));
    sentences.extend(trace.rules.iter().map(|looked_at| rule(looked_at, trace)));
    if trace.under_review {
        sentences.push("The customer is the partner: the rewards wait for a review.".to_owned());
    }
    match (trace.reason, &trace.terms) {
        (Some(reason), _) => sentences.push(format!("No reward. {}", reason.sentence())),
        (None, Some(terms)) => sentences.push(format!("Held until {}.", time(terms.hold_until))),
        (None, None) => {}
    }
    sentences
}

fn sale(sale: &SaleTrace, program: Currency) -> String {
    let (net, gross) = (Money::new(sale.net, sale.currency), Money::new(sale.gross, sale.currency));
    let customer = match sale.attributed_at {
        Some(at) => format!("a customer who was attributed on {}", time(at)),
        None => "a customer who is attributed to nobody".to_owned(),
    };
    let rate = match sale.rate {
        Some(rate) if rate != Rate::ONE || sale.currency != program => {
            format!(" At the rate of {rate} {program} for 1 {}.", sale.currency)
        }
        _ => String::new(),
    };
    format!("Sale on {} of {net} net ({gross} gross) to {customer}.{rate}", time(sale.occurred_at))
}

fn terms(terms: &TermsTrace) -> String {
    format!(
        "Terms version {}: amounts are rounded {}, rewards are held for {} days.",
        terms.number, terms.rounding, terms.hold_days
    )
}

fn rule(looked_at: &RuleTrace, trace: &Trace) -> String {
    let name = format!(
        "Rule {}, {} the sale",
        looked_at.rule,
        looked_at.value.phrase(looked_at.base, trace.currency)
    );
    match &looked_at.verdict {
        Verdict::BeforeAttribution => {
            format!("{name}: does not apply, the sale is from before the customer's attribution.")
        }
        Verdict::NoLinesLeft => format!("{name}: does not apply, earlier rules took every line."),
        Verdict::Applied(applied) => format!("{name}: {}.", arithmetic(looked_at, applied, trace)),
    }
}

fn arithmetic(looked_at: &RuleTrace, applied: &Applied, trace: &Trace) -> String {
    let sale = &trace.sale;
    let from = match &looked_at.value {
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
            format!("{} of net {net}{gross}", lines(applied.lines.len()))
        }
        Value::Fixed { .. } | Value::Units { .. } => {
            format!("{}, {} units", lines(applied.lines.len()), applied.quantity)
        }
    };
    let amount = Money::new(applied.amount, trace.currency);
    format!("{from}, exactly {}, rounded to {amount}", exact(&applied.exact, trace.currency))
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
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
