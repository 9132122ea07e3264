use rand::{RngExt, SeedableRng, rngs::StdRng};

/// What a seed decides.
pub struct Chance(StdRng);

impl Chance {
    pub fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.0.random_range(0..limit) }
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.random_range(least..=most.max(least))
    }

    /// Whether something happens that happens so often in a thousand times.
    pub fn per_mille(&mut self, often: usize) -> bool {
        self.below(1000) < often
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }

    /// The place of one of these, by their weights; none if they weigh nothing.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> Option<usize> {
        let sum: u64 = weights.clone().sum();
        let mut left = if sum == 0 { return None } else { self.0.random_range(0..sum) };
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return Some(place);
            }
            left -= weight;
        }
        None
    }
}
