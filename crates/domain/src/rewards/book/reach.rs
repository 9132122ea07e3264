use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::NaiveDate;
use ids::{CustomerId, PartnerId};

use super::Tracked;
use crate::{
    ledger::Owner,
    rewards::{CapKey, Span, Within},
};

/// Whose counters there are, and around which days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Of which partners, as those who bring and as those who earn.
    pub partners: BTreeSet<PartnerId>,
    /// Of which customers.
    pub customers: BTreeSet<CustomerId>,
    /// The local days; all periods around them.
    pub days: BTreeSet<NaiveDate>,
}

/// What was loaded, if not everything is in memory, and what was asked for beside it: such a counter would read as 0, and
/// be written as if nothing had been counted before.
#[derive(Debug)]
pub(super) struct Bounds {
    within: Reach,
    spans: HashSet<Span>,
    beyond: Mutex<Reach>,
}

impl Reach {
    /// Whether it is nobody's and of no day.
    pub fn is_empty(&self) -> bool {
        self.partners.is_empty() && self.customers.is_empty() && self.days.is_empty()
    }

    /// All of the other too.
    pub fn extend(&mut self, other: Self) {
        self.partners.extend(other.partners);
        self.customers.extend(other.customers);
        self.days.extend(other.days);
    }

    /// All periods around its days that something is counted in.
    pub fn spans(&self, tracked: &Tracked) -> HashSet<Span> {
        let periods: BTreeSet<_> =
            tracked.periods.iter().chain(tracked.per_period.values().flatten()).collect();
        let around = |day: &NaiveDate| periods.iter().map(|period| Span::around(**period, *day)).collect();
        self.days.iter().flat_map::<Vec<Span>, _>(around).collect()
    }
}

impl Bounds {
    pub(super) fn new(within: Reach, tracked: &Tracked) -> Self {
        Self { spans: within.spans(tracked), within, beyond: Mutex::default() }
    }

    pub(super) fn beyond(&self) -> Reach {
        self.noted().clone()
    }

    /// A lock, since questions only read; one thread asks them.
    fn noted(&self) -> MutexGuard<'_, Reach> {
        self.beyond.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A partner's tally is asked for that is not in memory.
    pub(super) fn tally(&self, partner: PartnerId, span: Span) {
        self.partner(partner);
        self.span(span);
    }

    /// The number of a customer's live sales is asked for that is not in memory.
    pub(super) fn live(&self, customer: CustomerId, span: Span) {
        self.customer(customer);
        self.span(span);
    }

    /// What a cap looks back on is asked for, and is not in memory.
    pub(super) fn spent(&self, key: &CapKey) {
        match key.beneficiary {
            Owner::Partner(partner) => self.partner(partner),
            Owner::Customer(customer) => self.customer(customer),
        }
        match key.within {
            Within::Customer(customer) => self.customer(customer),
            Within::Span(span) => self.span(span),
        }
    }

    fn partner(&self, id: PartnerId) {
        if !self.within.partners.contains(&id) {
            self.noted().partners.insert(id);
        }
    }

    fn customer(&self, id: CustomerId) {
        if !self.within.customers.contains(&id) {
            self.noted().customers.insert(id);
        }
    }

    fn span(&self, span: Span) {
        if !self.spans.contains(&span) {
            self.noted().days.insert(span.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use ids::{CustomerId, PartnerId, TypedId};
    use money::{Currency, Ratio};
    use uuid::Uuid;

    use super::Reach;
    use crate::{
        rewards::{Counted, Counters, Span, Tracked, Weight},
        terms::{Metric, Period},
    };

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn what_is_asked_for_and_not_loaded_is_told() {
        let [jane, joe] = [1, 2].map(|number| PartnerId::from_uuid(Uuid::from_u128(number)));
        let ann = CustomerId::from_uuid(Uuid::from_u128(3));
        let tracked = Tracked { periods: [Period::All, Period::Day].into(), ..Tracked::default() };
        let mut counted = Counted::new(tracked, Currency::USD);
        counted.sign_up(joe, day(9), 1);
        assert!(counted.beyond().is_empty(), "all of it is in memory");
        let within = Reach { partners: [jane].into(), customers: [ann].into(), days: [day(1)].into() };
        counted.is_within(within);
        let live = Weight { is_live: true, revenue: Ratio::zero() };
        counted.sale((jane, ann), day(1), (&Weight::default(), &live));
        counted.sign_up(joe, day(9), 1);
        assert!(counted.beyond().is_empty(), "{:?}", counted.beyond());
        counted.metric(joe, Metric::Sales, Span::around(Period::All, day(9)));
        assert!(counted.beyond().is_empty(), "it was counted before");
        counted.metric(jane, Metric::Sales, Span::around(Period::Day, day(2)));
        assert_eq!(counted.beyond(), Reach { days: [day(2)].into(), ..Reach::default() });
        counted.sale((PartnerId::from_uuid(Uuid::from_u128(4)), ann), day(1), (&Weight::default(), &live));
        assert_eq!(counted.beyond().partners.len(), 1);
    }
}
