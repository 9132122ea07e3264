use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use money::{Currency, allocate};

use super::SimulationFailure;
use crate::{calendar::Calendar, ledger::Owner, rewards::LineSet, stats::DateRange, transactions::Line};

/// The most rows of an answer.
pub(super) const MOST_ROWS: usize = 500_000;

/// What amounts are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) owner: Owner,
    pub(super) product: Option<Arc<str>>,
    pub(super) month: NaiveDate,
    pub(super) currency: Currency,
}

/// A cell's amounts, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) simulated: i64,
    pub(super) earned: i64,
}

/// The products of a reward's lines, each with their net: its amount is split in proportion.
pub(super) type Split = Box<[(Option<Arc<str>>, i64)]>;

/// All cells of an answer.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) amounts: HashMap<Cell, Amounts>,
    names: HashMap<String, Arc<str>>,
}

/// Which events are looked at, and which month they are in.
#[derive(Clone, Copy)]
pub(super) struct Window {
    calendar: Calendar,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Window {
    pub(super) fn new(calendar: Calendar, range: DateRange) -> Self {
        Self { calendar, from: calendar.begin(range.from()), to: calendar.begin(range.to()) }
    }

    /// The first day of the local month, of an event that is looked at.
    pub(super) fn month(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        let day = (self.from <= at && at < self.to).then(|| self.calendar.day(at))?;
        day.with_day(1)
    }
}

impl Cells {
    /// The products of these lines of a sale. Without any line it is no product's.
    pub(super) fn split(&mut self, lines: &[Line], of: &LineSet) -> Split {
        let mut nets: BTreeMap<Option<Arc<str>>, i64> = BTreeMap::new();
        for line in of.iter().filter_map(|place| lines.get(place)) {
            let product = line.product_id.as_deref().map(|name| self.name(name));
            let net = nets.entry(product).or_default();
            *net = net.saturating_add(line.amount);
        }
        nets.into_iter().collect()
    }

    /// Adds what is left of a reward to the cells of its products, as `to` says.
    pub(super) fn add(
        &mut self,
        (owner, month, currency): (Owner, NaiveDate, Currency),
        net: i64,
        split: &Split,
        to: impl Fn(&mut Amounts) -> &mut i64,
    ) -> Result<(), SimulationFailure> {
        let weights: Vec<i64> = split.iter().map(|(_, net)| *net).collect();
        let parts = match allocate(net, &weights) {
            Some(parts) => split.iter().map(|(product, _)| product.clone()).zip(parts).collect(),
            None => vec![(None, net)],
        };
        for (product, part) in parts.into_iter().filter(|(_, part)| *part != 0) {
            let amounts = self.amounts.entry(Cell { owner, product, month, currency }).or_default();
            let sum = to(amounts);
            *sum = sum.checked_add(part).ok_or(SimulationFailure::Uncomputable)?;
        }
        if self.amounts.len() > MOST_ROWS {
            return Err(SimulationFailure::TooManyRows);
        }
        Ok(())
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.names.insert(name.to_owned(), Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use ids::{IdSource, PartnerId};

    use super::*;

    fn line(product: Option<&str>, amount: i64) -> Line {
        Line { product_id: product.map(str::to_owned), product_type: None, quantity: 1, amount }
    }

    #[test]
    fn a_reward_is_split_over_its_products_and_loses_nothing() {
        let partner: PartnerId = IdSource::seeded(1).next(DateTime::UNIX_EPOCH);
        let whose = (Owner::Partner(partner), NaiveDate::MIN, Currency::USD);
        let lines = [line(Some("a"), 100), line(None, 50), line(Some("b"), 100), line(Some("a"), 50)];
        let mut cells = Cells::default();
        let split = cells.split(&lines, &LineSet::first(4));
        cells.add(whose, 100, &split, |amounts| &mut amounts.simulated).unwrap();
        let of_two = cells.split(&lines, &LineSet::first(2));
        cells.add(whose, 1, &of_two, |amounts| &mut amounts.earned).unwrap();
        cells.add(whose, 7, &Split::default(), |amounts| &mut amounts.earned).unwrap();
        let mut found: Vec<_> = cells
            .amounts
            .into_iter()
            .map(|(cell, amounts)| (cell.product.map(|name| name.to_string()), amounts))
            .collect();
        found.sort_by_key(|(product, _)| product.clone());
        let amounts = |simulated, earned| Amounts { simulated, earned };
        // 16 2/3, 50 and 33 1/3: the cent that is left goes to the one that lost most.
        assert_eq!(
            found,
            [
                (None, amounts(17, 7)),
                (Some("a".to_owned()), amounts(50, 1)),
                (Some("b".to_owned()), amounts(33, 0)),
            ]
        );
    }

    #[test]
    fn an_answer_has_its_limit() {
        let ids = IdSource::seeded(1);
        let mut cells = Cells::default();
        let mut add = || {
            let owner = Owner::Partner(ids.next(DateTime::UNIX_EPOCH));
            cells.add((owner, NaiveDate::MIN, Currency::USD), 1, &Split::default(), |amounts| {
                &mut amounts.earned
            })
        };
        for _ in 0..MOST_ROWS {
            add().unwrap();
        }
        assert_eq!(add(), Err(SimulationFailure::TooManyRows));
    }
}
