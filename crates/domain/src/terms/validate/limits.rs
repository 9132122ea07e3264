//! What a rule gives at most.

use super::{Beside, fields::Fields};
use crate::terms::{
    forms::FixedAmount,
    problem::RuleFault,
    tiers::{Caps, PeriodCap},
    vocabulary::Period,
};

const FIELDS: &[&str] = &["perTransaction", "perCustomer", "perPartner"];
const PER_PARTNER_FIELDS: &[&str] = &["amount", "period"];

/// The caps. Milestones have none: each of their steps pays once.
pub(super) fn read(rule: &mut Fields<'_, '_>, beside: Beside) -> Option<Caps> {
    if !rule.has("caps") {
        return Some(Caps::default());
    }
    let mut fields = rule.inner("caps", FIELDS)?;
    let per_transaction = fields.optional_text("perTransaction", FixedAmount::FORM);
    let per_customer = fields.optional_text("perCustomer", FixedAmount::FORM);
    let per_partner = if fields.has("perPartner") { per_partner(&mut fields).map(Some) } else { Some(None) };
    let caps =
        Caps { per_transaction: per_transaction?, per_customer: per_customer?, per_partner: per_partner? };
    if let Some(beside) = beside.milestone().filter(|_| !caps.is_empty()) {
        rule.note("caps", RuleFault::Meaningless { beside });
    }
    Some(caps)
}

fn per_partner(caps: &mut Fields<'_, '_>) -> Option<PeriodCap> {
    let mut fields = caps.inner("perPartner", PER_PARTNER_FIELDS)?;
    let amount = fields.text("amount", FixedAmount::FORM);
    let period = fields.word_or("period", Period::All);
    Some(PeriodCap { amount: amount?, period: period? })
}
