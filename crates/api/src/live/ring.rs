use std::{collections::VecDeque, sync::Arc};

use domain::events::{Arrived, Event};

/// The latest events of all accounts, without a hole: all behind `tail`, up to `head`.
pub(super) struct Ring {
    /// `None` for what this process does not know.
    events: VecDeque<Option<Arc<Event>>>,
    head: i64,
    capacity: usize,
}

impl Ring {
    /// An empty one; what comes first has the position behind `head`.
    pub(super) fn starting_at(head: i64, capacity: usize) -> Self {
        Self { events: VecDeque::new(), head, capacity }
    }

    /// The last position that it holds.
    pub(super) fn head(&self) -> i64 {
        self.head
    }

    /// The last position that it does not hold any more.
    fn tail(&self) -> i64 {
        self.head - i64::try_from(self.events.len()).unwrap_or(self.head)
    }

    /// Takes up the events that follow. Answers how many were left over because a position before them is missing: they
    /// must be read again. Positions have no holes, so this never happens; handed on, a hole would never be filled.
    pub(super) fn push(&mut self, batch: Vec<Arrived>) -> usize {
        let mut batch = batch.into_iter();
        while let Some(arrived) = batch.next() {
            if arrived.position != self.head + 1 {
                return batch.len() + 1;
            }
            self.head += 1;
            self.events.push_back(arrived.event.map(Arc::new));
            if self.events.len() > self.capacity {
                self.events.pop_front();
            }
        }
        0
    }

    /// Up to `most` wanted events behind `cursor`, and how far was looked; `None` when some of them are held no more.
    pub(super) fn after(
        &self,
        cursor: i64,
        most: usize,
        wants: impl Fn(&Event) -> bool,
    ) -> Option<(Vec<Arc<Event>>, i64)> {
        if cursor >= self.head {
            return Some((Vec::new(), cursor));
        }
        let skipped = usize::try_from(cursor.checked_sub(self.tail())?).ok()?;
        let mut found = Vec::new();
        let mut looked_to = cursor;
        for event in self.events.iter().skip(skipped) {
            if found.len() == most {
                break;
            }
            looked_to += 1;
            found.extend(event.iter().filter(|event| wants(event)).map(Arc::clone));
        }
        Some((found, looked_to))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::events::EventKind;
    use ids::IdSource;

    use super::*;

    fn event(position: i64) -> Event {
        let ids = IdSource::seeded(1);
        let at = DateTime::UNIX_EPOCH;
        Event {
            seq: position,
            id: ids.next(at),
            account_id: ids.next(at),
            program_id: None,
            kind: EventKind::ProgramCreated,
            subject: String::new(),
            actor: String::new(),
            request_id: None,
            trace: None,
            payload: serde_json::Value::Null,
            quiet: false,
            at,
            position: Some(position),
        }
    }

    fn arrived(position: i64) -> Arrived {
        Arrived { position, at: DateTime::UNIX_EPOCH, event: Some(event(position)) }
    }

    fn batch(positions: impl IntoIterator<Item = i64>) -> Vec<Arrived> {
        positions.into_iter().map(arrived).collect()
    }

    fn seen(ring: &Ring, cursor: i64, most: usize) -> Option<(Vec<i64>, i64)> {
        let even = |event: &Event| event.position.is_some_and(|position| position % 2 == 0);
        let (events, looked_to) = ring.after(cursor, most, even)?;
        Some((events.iter().filter_map(|event| event.position).collect(), looked_to))
    }

    #[test]
    fn it_hands_on_what_is_wanted_and_says_how_far_it_looked() {
        let mut ring = Ring::starting_at(10, 6);
        assert_eq!(seen(&ring, 10, 9), Some((vec![], 10)));
        assert_eq!(seen(&ring, 9, 9), None, "it never held 10");
        assert_eq!(seen(&ring, i64::MIN, 9), None, "however far behind");
        assert_eq!(ring.push(batch(11..=15)), 0);
        assert_eq!(seen(&ring, 10, 9), Some((vec![12, 14], 15)));
        assert_eq!(seen(&ring, 10, 1), Some((vec![12], 12)));
        assert_eq!(seen(&ring, 14, 9), Some((vec![], 15)));
        assert_eq!(seen(&ring, 99, 9), Some((vec![], 99)), "from ahead: nothing yet");
    }

    #[test]
    fn it_forgets_the_oldest_and_knows_it() {
        let mut ring = Ring::starting_at(0, 4);
        ring.push(batch(1..=10));
        assert_eq!(ring.head(), 10);
        assert_eq!(seen(&ring, 6, 9), Some((vec![8, 10], 10)));
        assert_eq!(seen(&ring, 5, 9), None);
    }

    #[test]
    fn what_it_does_not_know_has_its_place() {
        let mut ring = Ring::starting_at(0, 4);
        ring.push(vec![Arrived { event: None, ..arrived(1) }, Arrived { event: None, ..arrived(2) }]);
        ring.push(batch(3..=4));
        assert_eq!(seen(&ring, 0, 9), Some((vec![4], 4)));
    }

    #[test]
    fn it_never_hands_on_a_hole() {
        let mut ring = Ring::starting_at(0, 4);
        assert_eq!(ring.push(batch([1, 2, 4, 5])), 2);
        assert_eq!(ring.head(), 2);
        assert_eq!(ring.push(batch([3, 4])), 0);
        assert_eq!(ring.push(batch([4])), 1, "nor anything twice");
        assert_eq!(ring.head(), 4);
    }
}
