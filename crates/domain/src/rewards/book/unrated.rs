use std::collections::{BTreeMap, HashMap};

use ids::TransactionId;
use money::Currency;

use crate::rewards::Facts;

/// Sales that wait for a rate, with the facts of their recording, in recorded order: a rate that comes late finds each of
/// thousands without looking at the others.
#[derive(Default)]
pub(super) struct Unrated {
    sales: BTreeMap<u64, (TransactionId, Facts)>,
    places: HashMap<TransactionId, u64>,
}

impl Unrated {
    /// One more, behind all others.
    pub(super) fn push(&mut self, id: TransactionId, facts: Facts) {
        self.take(id);
        let place = self.sales.last_key_value().map_or(0, |(last, _)| last + 1);
        self.places.insert(id, place);
        self.sales.insert(place, (id, facts));
    }

    /// The facts of a sale that waits.
    pub(super) fn facts(&self, id: TransactionId) -> Option<&Facts> {
        self.sales.get(self.places.get(&id)?).map(|(_, facts)| facts)
    }

    /// Waits no more.
    pub(super) fn take(&mut self, id: TransactionId) -> Option<Facts> {
        let place = self.places.remove(&id)?;
        self.sales.remove(&place).map(|(_, facts)| facts)
    }

    /// Those in this currency, in recorded order.
    pub(super) fn of(&self, currency: Currency) -> Vec<TransactionId> {
        let is_of = |facts: &Facts| facts.sale.as_ref().is_some_and(|sale| sale.currency == currency);
        self.sales.values().filter(|(_, facts)| is_of(facts)).map(|(id, _)| *id).collect()
    }
}
