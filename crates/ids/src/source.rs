use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Builder;

use crate::TypedId;

/// Where new ids and secrets come from. Clones share one generator.
///
/// Ids of one source increase strictly, also within a millisecond: the 12 bits after the time count up (RFC 9562,
/// section 6.2, method 1), so that rows made together keep their order.
#[derive(Clone)]
pub struct IdSource(Arc<Mutex<State>>);

struct State {
    rng: StdRng,
    millis: u64,
    counter: u16,
}

impl IdSource {
    /// A source seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no entropy to give.
    pub fn from_system() -> Result<Self, rand::rngs::SysError> {
        Ok(Self::of(StdRng::try_from_rng(&mut rand::rngs::SysRng)?))
    }

    /// A source that always yields the same sequence: for tests and demo data only.
    pub fn seeded(seed: u64) -> Self {
        Self::of(StdRng::seed_from_u64(seed))
    }

    fn of(rng: StdRng) -> Self {
        Self(Arc::new(Mutex::new(State { rng, millis: 0, counter: 0 })))
    }

    /// A new id, stamped with `now` (milliseconds; times before 1970 count as 1970).
    pub fn next<I: TypedId>(&self, now: DateTime<Utc>) -> I {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let (millis, counter) = state.advance(millis);
        let mut tail = [0_u8; 10];
        state.rng.fill_bytes(&mut tail);
        tail[0] = (counter >> 8) as u8;
        tail[1] = (counter & 0xff) as u8;
        I::from_uuid(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// `N` bytes fit for a secret (128 bits or more: `N >= 16`).
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rng.fill_bytes(&mut bytes);
        bytes
    }
}

impl State {
    /// The next pair of time and counter, never at or before the last one handed out for that millisecond.
    fn advance(&mut self, millis: u64) -> (u64, u16) {
        if millis != self.millis && !(millis < self.millis && self.millis - millis <= 1000) {
            (self.millis, self.counter) = (millis, 0);
        } else if self.counter < 0x0fff {
            self.counter += 1;
        } else {
            (self.millis, self.counter) = (self.millis + 1, 0);
        }
        (self.millis, self.counter)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::EventId;

    #[test]
    fn ids_of_one_instant_increase_and_keep_their_time() {
        let source = IdSource::seeded(1);
        let now = Utc.timestamp_millis_opt(1_700_000_000_000).unwrap();
        let ids: Vec<EventId> = (0..10_000).map(|_| source.next(now)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        let hex = ids[0].uuid().simple().to_string();
        assert_eq!(u64::from_str_radix(&hex[..12], 16).unwrap(), 1_700_000_000_000);
        assert_eq!(ids[0].uuid().get_version_num(), 7);
    }

    #[test]
    fn a_seed_repeats_and_clones_share() {
        let now = Utc.timestamp_millis_opt(0).unwrap();
        let (one, two) = (IdSource::seeded(7), IdSource::seeded(7));
        assert_eq!(one.next::<EventId>(now), two.next::<EventId>(now));
        let clone = one.clone();
        assert_ne!(one.next::<EventId>(now), clone.next::<EventId>(now));
    }
}
