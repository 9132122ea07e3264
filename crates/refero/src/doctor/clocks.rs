use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::Clock;

use super::{Line, Verdict, redis::Reading};

/// From where on a clock is wrong.
const WRONG: TimeDelta = TimeDelta::seconds(2);

/// Compares the clocks of this machine and of Redis with PostgreSQL's, which counts.
pub async fn look(clock: Option<&Clock>, redis: Option<Reading>) -> Line {
    let Some(clock) = clock else {
        return Line::warn(
            "clocks",
            "not compared: PostgreSQL's is the one that counts",
            "mend PostgreSQL first",
        );
    };
    let here = own() - clock.now();
    let of_redis =
        redis.map(|(at, read)| at + TimeDelta::from_std(read.elapsed()).unwrap_or_default() - clock.now());
    judged(here, of_redis)
}

#[expect(clippy::disallowed_methods, reason = "this machine's clock is what is looked at")]
fn own() -> DateTime<Utc> {
    Utc::now()
}

fn judged(here: TimeDelta, of_redis: Option<TimeDelta>) -> Line {
    let shown = |offset: TimeDelta| format!("{:+.3} s", offset.num_milliseconds() as f64 / 1_000.0);
    let redis = of_redis.map_or("unknown".to_owned(), shown);
    let found = format!("against PostgreSQL's: this machine {}, Redis {redis}", shown(here));
    let is_wrong = [Some(here), of_redis].into_iter().flatten().any(|offset| offset.abs() >= WRONG);
    let verdict = if is_wrong { Verdict::Warn } else { Verdict::Ok };
    Line::judged("clocks", verdict, found, "set the clocks by NTP; Refero itself follows PostgreSQL's")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_two_seconds_off_is_told() {
        let line = judged(TimeDelta::milliseconds(-1_500), Some(TimeDelta::milliseconds(3)));
        assert_eq!(line, Line::ok("clocks", "against PostgreSQL's: this machine -1.500 s, Redis +0.003 s"));
        assert_eq!(judged(TimeDelta::seconds(2), None).verdict, Verdict::Warn);
        assert_eq!(judged(TimeDelta::zero(), Some(TimeDelta::seconds(-3_600))).verdict, Verdict::Warn);
    }
}
