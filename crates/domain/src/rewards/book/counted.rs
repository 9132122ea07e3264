//! What was counted so far: metrics of partners, and what caps look back on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use ids::{CustomerId, PartnerId};
use money::{Currency, Ratio};
use serde::{Deserialize, Serialize};

use super::{
    RewardState,
    reach::{Bounds, Reach},
};
use crate::{
    rewards::{CapKey, Counters, Span, Within},
    terms::{Metric, Period, RuleId, TermsInForce, Trigger},
};

/// What some version of the terms may ask for: only that is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tracked {
    /// The periods of metrics.
    pub periods: BTreeSet<Period>,
    /// The rules that have a cap per customer.
    pub per_customer: BTreeSet<RuleId>,
    /// The rules that have a cap per period, and which.
    pub per_period: BTreeMap<RuleId, BTreeSet<Period>>,
}

/// What a partner brought in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Customers who signed up.
    pub signups: i64,
    /// Sales of which something is left.
    pub sales: i64,
    /// Customers with such a sale.
    pub customers: i64,
    /// Net less refunds, in minor units of the program's currency.
    pub revenue: Ratio,
}

/// What one sale adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// Whether something is left of it.
    pub is_live: bool,
    /// In minor units of the program's currency.
    pub revenue: Ratio,
}

/// All counters, and which of them changed.
#[derive(Debug)]
pub struct Counted {
    tracked: Tracked,
    program: Currency,
    pub(in crate::rewards) tallies: HashMap<(PartnerId, Span), Tally>,
    /// How many live sales a customer has with a partner.
    pub(in crate::rewards) live: HashMap<(CustomerId, PartnerId, Span), i64>,
    pub(in crate::rewards) spent: HashMap<CapKey, i64>,
    /// The present net of all rewards in the program's currency, in minor units.
    pub(in crate::rewards) budget_spent: i64,
    pub(in crate::rewards) changed_tallies: HashSet<(PartnerId, Span)>,
    pub(in crate::rewards) changed_live: HashSet<(CustomerId, PartnerId, Span)>,
    pub(in crate::rewards) changed_spent: HashSet<CapKey>,
    /// None when all of it is in memory.
    bounds: Option<Bounds>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { signups: 0, sales: 0, customers: 0, revenue: Ratio::zero() }
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self { is_live: false, revenue: Ratio::zero() }
    }
}

impl Tracked {
    /// What these versions may ask for.
    pub fn of(versions: &[TermsInForce]) -> Self {
        let mut tracked = Self::default();
        for rule in versions.iter().flat_map(|version| &version.rules) {
            if rule.trigger == Trigger::Milestone {
                tracked.periods.insert(Period::All);
            }
            let tiers = rule.tiers.iter().filter(|tiers| tiers.metric != Metric::SaleAmount);
            tracked.periods.extend(tiers.map(|tiers| tiers.period));
            if rule.caps.per_customer.is_some() {
                tracked.per_customer.insert(rule.id.clone());
            }
            if let Some(cap) = &rule.caps.per_partner {
                tracked.per_period.entry(rule.id.clone()).or_default().insert(cap.period);
            }
        }
        tracked
    }

    /// Whether all of the other is among it.
    pub fn covers(&self, other: &Self) -> bool {
        let has_periods = |(rule, periods): (&RuleId, &BTreeSet<Period>)| {
            self.per_period.get(rule).is_some_and(|counted| counted.is_superset(periods))
        };
        self.periods.is_superset(&other.periods)
            && self.per_customer.is_superset(&other.per_customer)
            && other.per_period.iter().all(has_periods)
    }

    /// The periods around a day.
    pub fn spans(&self, day: NaiveDate) -> impl Iterator<Item = Span> {
        self.periods.iter().map(move |period| Span::around(*period, day))
    }

    /// The caps that a reward of this rule counts for.
    pub fn caps(&self, reward: &RewardState) -> Vec<CapKey> {
        let customer = self.per_customer.contains(&reward.rule).then_some(Within::Customer(reward.customer));
        let periods = self.per_period.get(&reward.rule).into_iter().flatten();
        let spans = periods.map(|period| Within::Span(Span::around(*period, reward.day)));
        let key = |within| CapKey {
            rule: reward.rule.clone(),
            beneficiary: reward.beneficiary,
            within,
            currency: reward.currency,
        };
        customer.into_iter().chain(spans).map(key).collect()
    }
}

impl Counted {
    pub(in crate::rewards) fn new(tracked: Tracked, program: Currency) -> Self {
        Self {
            tracked,
            program,
            tallies: HashMap::new(),
            live: HashMap::new(),
            spent: HashMap::new(),
            budget_spent: 0,
            changed_tallies: HashSet::new(),
            changed_live: HashSet::new(),
            changed_spent: HashSet::new(),
            bounds: None,
        }
    }

    /// From now on what is asked for beside this is noted.
    pub(in crate::rewards) fn is_within(&mut self, reach: Reach) {
        self.bounds = Some(Bounds::new(reach, &self.tracked));
    }

    /// What was asked for and is not in memory: none of what was made with these counters may be written.
    pub(in crate::rewards) fn beyond(&self) -> Reach {
        self.bounds.as_ref().map(Bounds::beyond).unwrap_or_default()
    }

    fn tally(&mut self, partner: PartnerId, span: Span) -> &mut Tally {
        self.tallies.entry((partner, span)).or_insert_with(|| {
            if let Some(bounds) = &self.bounds {
                bounds.tally(partner, span);
            }
            Tally::default()
        })
    }

    /// What is counted.
    pub fn tracked(&self) -> &Tracked {
        &self.tracked
    }

    /// So many customers more signed up through the partner.
    pub(in crate::rewards) fn sign_up(&mut self, partner: PartnerId, day: NaiveDate, more: i64) {
        for span in self.tracked.spans(day).collect::<Vec<_>>() {
            self.tally(partner, span).signups += more;
            self.changed_tallies.insert((partner, span));
        }
    }

    /// A sale of that day adds something else now.
    pub(in crate::rewards) fn sale(
        &mut self,
        (partner, customer): (PartnerId, CustomerId),
        day: NaiveDate,
        (before, after): (&Weight, &Weight),
    ) {
        if before == after {
            return;
        }
        let more = i64::from(after.is_live) - i64::from(before.is_live);
        for span in self.tracked.spans(day).collect::<Vec<_>>() {
            let live = self.live.entry((customer, partner, span)).or_insert_with(|| {
                if let Some(bounds) = &self.bounds {
                    bounds.live(customer, span);
                }
                0
            });
            let had_some = *live > 0;
            *live += more;
            let customers = i64::from(*live > 0) - i64::from(had_some);
            let tally = self.tally(partner, span);
            tally.sales += more;
            tally.customers += customers;
            tally.revenue = &(&tally.revenue - &before.revenue) + &after.revenue;
            self.changed_tallies.insert((partner, span));
            if more != 0 {
                self.changed_live.insert((customer, partner, span));
            }
        }
    }

    /// What is left of a reward changed by so much.
    pub(in crate::rewards) fn spend(&mut self, reward: &RewardState, change: i64) {
        if change == 0 {
            return;
        }
        for key in self.tracked.caps(reward) {
            *self.spent.entry(key.clone()).or_insert_with(|| {
                if let Some(bounds) = &self.bounds {
                    bounds.spent(&key);
                }
                0
            }) += change;
            self.changed_spent.insert(key);
        }
        if reward.currency == self.program {
            self.budget_spent += change;
        }
    }
}

impl Counters for Counted {
    fn metric(&self, partner: PartnerId, metric: Metric, span: Span) -> Ratio {
        let Some(tally) = self.tallies.get(&(partner, span)) else {
            if let Some(bounds) = &self.bounds {
                bounds.tally(partner, span);
            }
            return Ratio::zero();
        };
        match metric {
            Metric::Signups => tally.signups.into(),
            Metric::Sales => tally.sales.into(),
            Metric::Customers => tally.customers.into(),
            Metric::Revenue => {
                let major = tally.revenue.checked_div(&self.program.minor_per_major().into());
                major.unwrap_or_else(Ratio::zero)
            }
            Metric::SaleAmount => Ratio::zero(),
        }
    }

    fn spent(&self, cap: &CapKey) -> i64 {
        self.spent.get(cap).copied().unwrap_or_else(|| {
            if let Some(bounds) = &self.bounds {
                bounds.spent(cap);
            }
            0
        })
    }
}
