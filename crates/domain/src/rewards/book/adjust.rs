use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ids::{AdjustmentId, RewardId, TransactionId};
use money::{Currency, Ratio};

use super::{Book, Effect, Joined, RewardState, SaleState};
use crate::rewards::{AmountOutOfRange, Remainder, ReversalCause, TakenBack};

/// What became of a sale after it was recorded.
#[derive(Debug, Clone)]
pub struct AdjustmentFacts {
    /// Its id.
    pub id: AdjustmentId,
    /// The caller's name for it.
    pub key: String,
    /// The caller's name for the sale.
    pub sale_key: String,
    /// Its own time.
    pub at: DateTime<Utc>,
    /// What it is.
    pub kind: Adjusts,
}

/// The kinds of adjustment.
#[derive(Debug, Clone)]
pub enum Adjusts {
    /// Something is given back.
    Refund(TakenBack),
    /// The whole is taken back by the customer's bank.
    Chargeback,
    /// The sale is declared not to be one.
    Void,
    /// A chargeback came to nothing.
    ChargebackWon {
        /// The key of the chargeback.
        chargeback: String,
    },
}

impl Adjusts {
    fn cause(&self) -> ReversalCause {
        match self {
            Self::Refund(_) => ReversalCause::Refund,
            Self::Chargeback => ReversalCause::Chargeback,
            Self::Void => ReversalCause::Void,
            Self::ChargebackWon { .. } => ReversalCause::ChargebackWon,
        }
    }
}

impl Book<'_> {
    /// An adjustment was recorded. One that comes before its sale waits for it.
    ///
    /// # Errors
    /// When an amount does not fit.
    pub fn adjusted(&mut self, adjustment: AdjustmentFacts) -> Result<Vec<Effect>, AmountOutOfRange> {
        let mut effects = Vec::new();
        if let Adjusts::ChargebackWon { chargeback } = &adjustment.kind {
            self.won.insert(chargeback.clone());
            if let Some(sale) = self.chargebacks.get(chargeback).copied() {
                self.lift(sale, chargeback);
                let cause = (ReversalCause::ChargebackWon, adjustment.id, adjustment.at);
                self.settle(sale, cause, &mut effects)?;
            }
            return Ok(effects);
        }
        match self.sale_keys.get(&adjustment.sale_key).copied() {
            Some(sale) => self.join(sale, adjustment, &mut effects)?,
            None => self.waiting.entry(adjustment.sale_key.clone()).or_default().push(adjustment),
        }
        Ok(effects)
    }

    /// The chargeback stands no more.
    fn lift(&mut self, sale: TransactionId, chargeback: &str) {
        let Some(sale) = self.sales.get_mut(&sale) else { return };
        let lifted =
            sale.adjustments.iter_mut().filter(|joined| joined.chargeback.as_deref() == Some(chargeback));
        lifted.for_each(|joined| joined.stands = false);
    }

    /// Applies an adjustment to its sale.
    pub(super) fn join(
        &mut self,
        id: TransactionId,
        adjustment: AdjustmentFacts,
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let cause = (adjustment.kind.cause(), adjustment.id, adjustment.at);
        let is_chargeback = matches!(adjustment.kind, Adjusts::Chargeback);
        let is_void = matches!(adjustment.kind, Adjusts::Void);
        let Some(sale) = self.sales.get_mut(&id) else { return Ok(()) };
        let takes = match adjustment.kind {
            Adjusts::Refund(takes) => takes,
            Adjusts::Chargeback | Adjusts::Void => TakenBack::All,
            Adjusts::ChargebackWon { .. } => return Ok(()),
        };
        let stands = !(is_chargeback && self.won.contains(&adjustment.key));
        let chargeback = is_chargeback.then(|| adjustment.key.clone());
        sale.adjustments.push(Joined { id: adjustment.id, cause: cause.0, chargeback, takes, stands });
        if is_chargeback {
            self.chargebacks.insert(adjustment.key, id);
        }
        if is_void && !std::mem::replace(&mut sale.is_void, true) && sale.counts {
            let buyer = sale.customer;
            if let Some(customer) = self.customers.get_mut(&buyer) {
                customer.uncount(id);
                self.changed_customers.insert(buyer);
            }
        }
        self.settle(id, cause, effects)
    }

    /// What the sale's adjustments leave of its rewards and of what it counts for.
    fn settle(
        &mut self,
        id: TransactionId,
        (cause, adjustment, at): (ReversalCause, AdjustmentId, DateTime<Utc>),
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let Some(partner) = self.apply(id, (cause, Some(adjustment)), effects)? else { return Ok(()) };
        self.undo_milestones(partner, (adjustment, at), effects);
        Ok(())
    }

    /// As [`Book::settle`], of adjustments that were applied before the sale could be evaluated.
    pub(super) fn resettle(
        &mut self,
        id: TransactionId,
        effects: &mut Vec<Effect>,
    ) -> Result<(), AmountOutOfRange> {
        let standing =
            self.sales.get(&id).and_then(|sale| sale.adjustments.iter().rfind(|joined| joined.stands));
        let Some(last) = standing.map(|joined| (joined.cause, Some(joined.id))) else { return Ok(()) };
        self.apply(id, last, effects).map(|_| ())
    }

    /// Sets nets and metrics; the partner whose sale it is.
    fn apply(
        &mut self,
        id: TransactionId,
        cause: (ReversalCause, Option<AdjustmentId>),
        effects: &mut Vec<Effect>,
    ) -> Result<Option<ids::PartnerId>, AmountOutOfRange> {
        let Some(sale) = self.sales.get_mut(&id) else { return Ok(None) };
        let remainder = sale.remainder();
        let weight = sale.weigh(&remainder, self.policy.currency);
        let before = std::mem::replace(&mut sale.weight, weight.clone());
        let sale = sale.clone();
        if let Some(partner) = sale.qualified_for() {
            let day = self.policy.calendar.day(sale.at);
            self.counted.sale((partner, sale.customer), day, (&before, &weight));
        }
        for (reward, net) in self.nets(&sale, &remainder)? {
            self.set_net(reward, net, cause, effects);
        }
        Ok(sale.partner)
    }

    /// What is left of each reward of the sale; shares of rewards behind what they are made of.
    fn nets(
        &self,
        sale: &SaleState,
        remainder: &Remainder,
    ) -> Result<Vec<(RewardId, i64)>, AmountOutOfRange> {
        let all = sale.rewards.iter().filter_map(|id| Some((*id, self.rewards.get(id)?)));
        let (shares, of_lines): (Vec<_>, Vec<_>) = all.partition(|(_, reward)| reward.of_reward);
        let mut nets = Vec::new();
        // A share is of the partner's rewards in its own currency.
        let nothing = || (Ratio::zero(), Ratio::zero());
        let mut of_partner: BTreeMap<Currency, (Ratio, Ratio)> = BTreeMap::new();
        for (id, reward) in of_lines {
            let net = of_lines_left(reward, remainder).ok_or(AmountOutOfRange)?;
            if reward.is_partner_s_money() {
                let (made, left) = of_partner.entry(reward.currency).or_insert_with(nothing);
                (*made, *left) = (&*made + &reward.amount.into(), &*left + &net.into());
            }
            nets.push((id, net));
        }
        for (id, reward) in shares {
            let part = of_partner.get(&reward.currency).and_then(|(made, left)| left.checked_div(made));
            let part = part.unwrap_or_else(Ratio::one);
            let net = (Ratio::from(reward.amount) * part).round(reward.rounding);
            nets.push((id, net.ok_or(AmountOutOfRange)?));
        }
        Ok(nets)
    }

    /// Notes what is left of a reward, if that is something else than before.
    pub(super) fn set_net(
        &mut self,
        id: RewardId,
        net: i64,
        (cause, adjustment): (ReversalCause, Option<AdjustmentId>),
        effects: &mut Vec<Effect>,
    ) {
        let Some(reward) = self.rewards.get_mut(&id).filter(|reward| reward.net != net) else { return };
        let before = reward.present_net();
        reward.net = net;
        let change = reward.present_net() - before;
        let is_rejected = reward.is_rejected;
        let reward = reward.clone();
        self.counted.spend(&reward, change);
        if !is_rejected {
            effects.push(Effect::Net { reward: id, net, cause, adjustment });
        }
    }
}

fn of_lines_left(reward: &RewardState, remainder: &Remainder) -> Option<i64> {
    let lines: Vec<usize> = reward.lines.iter().collect();
    if reward.is_whole {
        let is_gone = remainder.share(&lines) >= Ratio::one();
        return Some(if is_gone { 0 } else { reward.amount });
    }
    remainder.net_of_reward(reward.amount, &lines, reward.rounding)
}
