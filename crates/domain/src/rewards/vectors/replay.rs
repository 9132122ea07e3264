//! One history, event by event, through the same book that the workers keep.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ids::{RewardId, TypedId};
use money::{Currency, Rate, Ratio};
use uuid::Uuid;

use super::{
    amounts::{minor, sale_lines},
    answer::{Evaluated, PrintedNonReward, PrintedReward},
    history::{Adjustment, Customer, Event, History, Partner, Refund, Sale, Status, Won},
    names::Names,
    refusal::Refusal,
};
use crate::{
    calendar::Calendar,
    ledger::Owner,
    rewards::{
        self, Adjusts, Book, Effect, LineRefund, Made, NewSale, Outcome, PartnerState, Policy, RateFacts,
        SignUp, Source, TakenBack,
    },
    terms::{RewardCurrency, TermsInForce, parse_rules},
};

/// Everything that the history comes to.
pub(super) fn replay(history: &History) -> Result<Evaluated, Refusal> {
    let mut replay = Replay::new(history)?;
    for partner in &history.partners {
        replay.partner(partner);
    }
    for event in &history.events {
        let effects = match event {
            Event::Customer(customer) => replay.customer(customer)?,
            Event::Sale(sale) => replay.sale(sale)?,
            Event::PartnerStatus { partner, status } => replay.status(partner, *status)?,
            Event::Refund(refund) => replay.refund(refund)?,
            Event::Chargeback(chargeback) => replay.whole(chargeback, Adjusts::Chargeback)?,
            Event::Void(void) => replay.whole(void, Adjusts::Void)?,
            Event::ChargebackWon(won) => replay.won(won)?,
        };
        replay.print(effects);
    }
    Ok(replay.finish())
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
            rate_max_age_days: policies.rate_max_age_days,
            reward_currency: RewardCurrency::Program,
            duplicate_sale_minutes: None,
            existing_customer_review: false,
            referred_while_suspended: false,
            group: None,
            partner: None,
        })
    };
    history.terms.iter().map(version).collect()
}

struct Replay<'h> {
    history: &'h History,
    book: Book<'h>,
    partners: Names<'h>,
    customers: Names<'h>,
    sales: Names<'h>,
    adjustments: Names<'h>,
    /// The currencies of sales, and of refunds that wait for one.
    currencies: HashMap<&'h str, Currency>,
    printed: HashMap<RewardId, PrintedReward>,
    evaluated: Evaluated,
}

impl<'h> Replay<'h> {
    fn new(history: &'h History) -> Result<Self, Refusal> {
        let program = &history.program;
        let budget = program.budget.as_ref().map(|budget| minor(budget, program.currency)).transpose()?;
        let policy = Policy {
            currency: program.currency,
            calendar: Calendar::of(&program.time_zone),
            grandfathering: program.grandfathering,
            budget,
        };
        let mut next = 0;
        let next_reward = move || {
            next += 1;
            RewardId::from_uuid(Uuid::from_u128(next))
        };
        // Of two sales with one key the first counts, unless it is refused.
        let sales = history.events.iter().rev().filter_map(|event| match event {
            Event::Sale(sale) if sale_lines(sale).is_ok_and(|lines| lines.is_some()) => {
                Some((sale.id.as_str(), sale.currency))
            }
            _ => None,
        });
        Ok(Self {
            history,
            book: Book::new(policy, versions(history)?, next_reward),
            partners: Names::default(),
            customers: Names::default(),
            sales: Names::default(),
            adjustments: Names::default(),
            currencies: sales.collect(),
            printed: HashMap::new(),
            evaluated: Evaluated { name: history.name.clone(), ..Evaluated::default() },
        })
    }

    fn partner(&mut self, partner: &'h Partner) {
        let state = PartnerState {
            is_approved: partner.status == Status::Approved,
            is_suspended: partner.status == Status::Suspended,
            email: partner.email.clone(),
            group: partner.group.clone(),
            tags: partner.tags.clone(),
            upline: partner.upline.as_ref().map(|upline| self.partners.id(upline)),
        };
        let id = self.partners.id(&partner.id);
        self.book.partner_is(id, state);
    }

    fn status(&mut self, partner: &'h str, status: Status) -> Result<Vec<Effect>, Refusal> {
        let id = self.partners.id(partner);
        let unknown = || Refusal::Unknown { kind: "partner", id: partner.to_owned() };
        let state = self.book.partner(id).cloned().ok_or_else(unknown)?;
        self.book.partner_is(
            id,
            PartnerState {
                is_approved: status == Status::Approved,
                is_suspended: status == Status::Suspended,
                ..state
            },
        );
        Ok(Vec::new())
    }

    /// A customer who was recorded before stays as they were.
    fn customer(&mut self, customer: &'h Customer) -> Result<Vec<Effect>, Refusal> {
        let partner = match &customer.partner {
            Some(name) if !self.partners.has(name) => {
                return Err(Refusal::Unknown { kind: "partner", id: name.clone() });
            }
            partner => partner.as_ref().map(|name| self.partners.id(name)),
        };
        if self.customers.has(&customer.id) {
            return Ok(Vec::new());
        }
        Ok(self.book.signed_up(SignUp {
            id: self.customers.id(&customer.id),
            at: customer.at,
            email: customer.email.clone(),
            country: customer.country.clone(),
            tags: customer.tags.clone(),
            partner,
        })?)
    }

    /// A sale that was recorded before changes nothing; one that is refused leaves its key free.
    fn sale(&mut self, sale: &'h Sale) -> Result<Vec<Effect>, Refusal> {
        if !self.customers.has(&sale.customer) {
            return Err(Refusal::Unknown { kind: "customer", id: sale.customer.clone() });
        }
        if self.sales.has(&sale.id) {
            return Ok(Vec::new());
        }
        let Some(lines) = sale_lines(sale)? else {
            return Ok(Vec::new());
        };
        Ok(self.book.sold(NewSale {
            id: self.sales.id(&sale.id),
            key: sale.id.clone(),
            customer: self.customers.id(&sale.customer),
            at: sale.at,
            currency: sale.currency,
            gross: minor(&sale.gross, sale.currency)?,
            net: lines.net,
            lines: lines.lines,
            rewardable: sale.rewardable,
            coupon: sale.coupon.clone(),
            rate: self.rate(sale.currency, sale.at),
        })?)
    }

    /// The latest stored rate at or before the time; of two at the same time the one stored later.
    fn rate(&self, from: Currency, at: DateTime<Utc>) -> Option<RateFacts> {
        let to = self.history.program.currency;
        if from == to {
            return Some(RateFacts { rate: Rate::ONE, at: None });
        }
        let stored =
            self.history.rates.iter().filter(|rate| (rate.from, rate.to) == (from, to) && rate.at <= at);
        stored.max_by_key(|rate| rate.at).map(|rate| RateFacts { rate: rate.rate, at: Some(rate.at) })
    }

    fn refund(&mut self, refund: &'h Refund) -> Result<Vec<Effect>, Refusal> {
        let currency = self.currencies.get(refund.transaction.as_str()).copied();
        let takes = match (currency, refund.lines.as_deref()) {
            // It waits for a sale that never comes.
            (None, _) => TakenBack::All,
            (Some(currency), None | Some([])) => {
                TakenBack::Amount(Ratio::from(minor(&refund.amount, currency)?))
            }
            (Some(currency), Some(lines)) => {
                let line = |out: &super::history::LineOut| {
                    Ok(LineRefund { line: out.line, amount: minor(&out.amount, currency)? })
                };
                TakenBack::Lines(lines.iter().map(line).collect::<Result<_, Refusal>>()?)
            }
        };
        self.adjust(&refund.id, &refund.transaction, refund.at, Adjusts::Refund(takes))
    }

    fn whole(&mut self, adjustment: &'h Adjustment, kind: Adjusts) -> Result<Vec<Effect>, Refusal> {
        self.adjust(&adjustment.id, &adjustment.transaction, adjustment.at, kind)
    }

    fn won(&mut self, won: &'h Won) -> Result<Vec<Effect>, Refusal> {
        let kind = Adjusts::ChargebackWon { chargeback: won.adjustment.clone() };
        self.adjust(&won.id, "", won.at, kind)
    }

    /// An adjustment that was recorded before is the same.
    fn adjust(
        &mut self,
        id: &'h str,
        sale: &str,
        at: DateTime<Utc>,
        kind: Adjusts,
    ) -> Result<Vec<Effect>, Refusal> {
        if self.adjustments.has(id) {
            return Ok(Vec::new());
        }
        let (key, sale_key) = (id.to_owned(), sale.to_owned());
        let adjustment = rewards::AdjustmentFacts { id: self.adjustments.id(id), key, sale_key, at, kind };
        Ok(self.book.adjusted(adjustment)?)
    }

    fn print(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Evaluated(evaluated) => {
                    if let Outcome::NonReward(reason) = evaluated.evaluation.outcome {
                        let source = self.source(evaluated.source).to_owned();
                        self.evaluated.non_rewards.push(PrintedNonReward { source, reason });
                    }
                }
                Effect::Earned(made) => {
                    let printed = self.printed(&made);
                    self.printed.insert(made.id, printed);
                }
                Effect::Net { reward, net, .. } => {
                    if let Some(printed) = self.printed.get_mut(&reward) {
                        printed.net = net;
                    }
                }
            }
        }
    }

    fn source(&self, source: Source) -> &'h str {
        match source {
            Source::Sale(id) => self.sales.of(id),
            Source::SignUp(id) => self.customers.of(id),
        }
    }

    fn printed(&self, made: &Made) -> PrintedReward {
        let beneficiary = match made.beneficiary {
            Owner::Partner(id) => self.partners.of(id),
            Owner::Customer(id) => self.customers.of(id),
        };
        PrintedReward {
            source: self.source(made.source).to_owned(),
            rule: made.rule.to_string(),
            beneficiary: beneficiary.to_owned(),
            level: made.level.into(),
            currency: made.currency.to_string(),
            amount: made.amount,
            net: made.amount,
            status: if made.pending_review { "PENDING_REVIEW" } else { "HELD" }.to_owned(),
            hold_until: made.hold_until,
            terms: made.terms,
        }
    }

    fn finish(mut self) -> Evaluated {
        let mut rewards: Vec<_> = self.printed.into_iter().collect();
        rewards.sort_by_key(|(id, _)| *id);
        self.evaluated.rewards = rewards.into_iter().map(|(_, printed)| printed).collect();
        self.evaluated
    }
}
