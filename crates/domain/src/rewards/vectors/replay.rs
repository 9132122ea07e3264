//! One history, event by event, through the same functions that the workers call.

use std::collections::{BTreeMap, BTreeSet};

use money::Rate;

use super::{
    adjustments::{Adjustments, Made},
    amounts::{minor, sale_lines},
    answer::{Evaluated, PrintedNonReward, PrintedReward},
    history::{Customer, Event, History, Partner, Sale, Status},
    refusal::Refusal,
};
use crate::{
    rewards::{AttributionFacts, EarnedReward, Evaluation, Outcome, SaleFacts, emails_equal, evaluate},
    terms::{TermsInForce, choose_terms, parse_rules, self_referral_without_terms},
    transactions::Lines,
};

/// Everything that the history comes to.
pub(super) fn replay<'h>(history: &'h History) -> Result<Evaluated, Refusal> {
    if !history.rates.is_empty() {
        return Err(Refusal::NotYet("a stored exchange rate"));
    }
    let partner = |partner: &'h Partner| (partner.id.as_str(), PartnerNow::new(partner));
    let mut replay = Replay {
        history,
        versions: versions(history)?,
        partners: history.partners.iter().map(partner).collect(),
        customers: BTreeMap::new(),
        keys: BTreeSet::new(),
        sales: Vec::new(),
        adjustments: Adjustments::default(),
        evaluated: Evaluated { name: history.name.clone(), ..Evaluated::default() },
    };
    for event in &history.events {
        match event {
            Event::Customer(customer) => replay.customer(customer)?,
            Event::Sale(sale) => replay.sale(sale)?,
            Event::PartnerStatus { partner, status } => replay.partner(partner)?.status = *status,
            Event::Refund(refund) => replay.adjustments.refund(refund),
            Event::Chargeback(chargeback) => replay.adjustments.chargeback(chargeback),
            Event::Void(void) => replay.adjustments.void(void),
            Event::ChargebackWon { id, adjustment } => replay.adjustments.won(id, adjustment),
        }
    }
    replay.finish()
}

fn versions(history: &History) -> Result<Vec<TermsInForce>, Refusal> {
    let policies = &history.program;
    let version = |terms: &super::history::Terms| {
        let problems = |problems| Refusal::Rules { number: terms.number, problems };
        Ok(TermsInForce {
            number: terms.number,
            effective_from: terms.effective_from,
            rules: parse_rules(&terms.rules).map_err(problems)?,
            hold_days: policies.hold_days,
            rounding: policies.rounding,
            self_referral: policies.self_referral,
        })
    };
    history.terms.iter().map(version).collect()
}

struct Replay<'h> {
    history: &'h History,
    versions: Vec<TermsInForce>,
    partners: BTreeMap<&'h str, PartnerNow<'h>>,
    customers: BTreeMap<&'h str, &'h Customer>,
    keys: BTreeSet<&'h str>,
    sales: Vec<Recorded<'h>>,
    adjustments: Adjustments<'h>,
    evaluated: Evaluated,
}

/// A sale, the nets of its lines, and what it earned.
struct Recorded<'h> {
    sale: &'h Sale,
    nets: Vec<i64>,
    made: Vec<Made>,
}

/// A partner as the events so far left them.
struct PartnerNow<'h> {
    status: Status,
    email: &'h str,
}

impl<'h> PartnerNow<'h> {
    fn new(partner: &'h Partner) -> Self {
        Self { status: partner.status, email: partner.email.as_deref().unwrap_or_default() }
    }
}

impl<'h> Replay<'h> {
    /// A customer who was recorded before stays as they were.
    fn customer(&mut self, customer: &'h Customer) -> Result<(), Refusal> {
        if let Some(partner) = &customer.partner {
            self.partner(partner)?;
        }
        self.customers.entry(&customer.id).or_insert(customer);
        Ok(())
    }

    /// A sale that was recorded before changes nothing; one that is refused leaves its key free.
    fn sale(&mut self, sale: &'h Sale) -> Result<(), Refusal> {
        let Some(customer) = self.customers.get(sale.customer.as_str()).copied() else {
            return Err(Refusal::Unknown { kind: "customer", id: sale.customer.clone() });
        };
        if self.keys.contains(sale.id.as_str()) {
            return Ok(());
        }
        let Some(lines) = sale_lines(sale)? else {
            return Ok(());
        };
        self.keys.insert(&sale.id);
        let nets = lines.lines.iter().map(|line| line.amount).collect();
        let facts = self.facts(sale, lines, customer)?;
        let attributed_at = facts.attribution.as_ref().map(|attribution| attribution.at);
        let grandfathering = self.history.program.grandfathering;
        let terms = choose_terms(&self.versions, grandfathering, facts.occurred_at, attributed_at);
        let evaluation = evaluate(&facts, terms)?;
        let made = self.made(&sale.id, evaluation);
        self.sales.push(Recorded { sale, nets, made });
        Ok(())
    }

    fn facts(
        &mut self,
        sale: &Sale,
        lines: Lines,
        customer: &'h Customer,
    ) -> Result<SaleFacts<&'h str>, Refusal> {
        let program = self.history.program.currency;
        let attribution = match &customer.partner {
            None => None,
            Some(id) => {
                let partner = self.partner(id)?;
                Some(AttributionFacts {
                    partner: id.as_str(),
                    at: customer.at,
                    partner_approved: partner.status == Status::Approved,
                    self_referred: emails_equal(partner.email, customer.email.as_deref().unwrap_or_default()),
                })
            }
        };
        Ok(SaleFacts {
            occurred_at: sale.at,
            currency: sale.currency,
            gross: minor(&sale.gross, sale.currency)?,
            net: lines.net,
            lines: lines.lines,
            rewardable: sale.rewardable,
            program_currency: program,
            rate: (sale.currency == program).then_some(Rate::ONE),
            attribution,
            self_referral_without_terms: self_referral_without_terms(&self.versions),
        })
    }

    /// The rewards of the sale; a reason why there are none is printed at once.
    fn made(&mut self, source: &str, evaluation: Evaluation<&'h str>) -> Vec<Made> {
        match evaluation.outcome {
            Outcome::Rewards(rewards) => {
                let made = |reward: EarnedReward<&str>| Made {
                    reward: printed(source, &reward),
                    lines: reward.lines.iter().collect(),
                };
                rewards.into_iter().map(made).collect()
            }
            Outcome::NonReward(reason) => {
                self.evaluated.non_rewards.push(PrintedNonReward { source: source.to_owned(), reason });
                Vec::new()
            }
        }
    }

    /// What all adjustments leave. They leave it whenever they came, so they are applied once, at the end.
    fn finish(mut self) -> Result<Evaluated, Refusal> {
        let rounding = self.history.program.rounding;
        for Recorded { sale, nets, mut made } in self.sales {
            self.adjustments.apply((sale, nets), &mut made, rounding)?;
            self.evaluated.rewards.extend(made.into_iter().map(|made| made.reward));
        }
        Ok(self.evaluated)
    }

    fn partner(&mut self, id: &str) -> Result<&mut PartnerNow<'h>, Refusal> {
        let unknown = || Refusal::Unknown { kind: "partner", id: id.to_owned() };
        self.partners.get_mut(id).ok_or_else(unknown)
    }
}

fn printed(source: &str, reward: &EarnedReward<&str>) -> PrintedReward {
    let status = if reward.pending_review { "PENDING_REVIEW" } else { "HELD" };
    PrintedReward {
        source: source.to_owned(),
        rule: reward.rule.to_string(),
        beneficiary: reward.beneficiary.to_owned(),
        level: reward.level,
        currency: reward.currency.to_string(),
        amount: reward.amount,
        net: reward.amount,
        status: status.to_owned(),
        hold_until: reward.hold_until,
        terms: reward.terms,
    }
}
