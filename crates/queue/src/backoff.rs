use std::time::Duration;

use ids::{JobId, TypedId};

/// The pause after attempt number `attempt` failed: attempt^4 seconds, capped, then moved by up to 20 % either way.
///
/// The jitter comes from the id and the attempt, so that jobs which failed together do not return together and no source
/// of randomness is needed.
pub fn backoff(id: JobId, attempt: i32, cap: Duration) -> Duration {
    let attempt = u64::from(attempt.max(1).unsigned_abs());
    let seconds = attempt.saturating_pow(4).min(cap.as_secs().max(1));
    let spread = spread_of(id.uuid().as_u128(), attempt);
    Duration::from_millis(seconds.saturating_mul(800 + spread % 401))
}

/// A well mixed number (the finaliser of MurmurHash3).
fn spread_of(id: u128, attempt: u64) -> u64 {
    let [low, high] = [id as u64, (id >> 64) as u64];
    let mut mixed = low ^ high.rotate_left(32) ^ attempt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ids::IdSource;

    use super::*;

    #[test]
    fn grows_with_the_fourth_power_up_to_the_cap_and_spreads_by_a_fifth() {
        let source = IdSource::seeded(3);
        let hour = Duration::from_secs(3600);
        for (attempt, seconds) in [(1, 1), (2, 16), (3, 81), (7, 2401), (8, 3600), (200, 3600)] {
            let pauses: Vec<u128> = (0..200)
                .map(|_| backoff(source.next(DateTime::UNIX_EPOCH), attempt, hour).as_millis())
                .collect();
            let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
            assert!(*least >= seconds * 800 && *most <= seconds * 1200, "{attempt}: {least}..{most}");
            assert!(most - least > seconds * 300, "the jitter spreads: {least}..{most}");
        }
    }
}
