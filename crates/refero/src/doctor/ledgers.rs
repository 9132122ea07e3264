//! Whether what was recorded is worked off: events, rewards, figures.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    db::Db,
    events::sequence,
    programs::Cursor,
    rewards,
    stats::{FOLD_BATCH, unfolded},
};

use super::{
    Line, Verdict,
    line::{either, within},
};

const WORK: &str = "is a process with workers running (`refero work`), and what does its log say?";

/// Looks at what waits between a fact and what follows from it.
pub async fn look(db: &Db, now: DateTime<Utc>) -> Vec<Line> {
    let (events, behind, stopped, figures) = tokio::join!(
        within("events", WORK, async {
            let waiting = sequence::backlog(&mut *db.get().await?).await?;
            Ok(lagging("events", "without a position", (waiting.count, waiting.oldest_at), now))
        }),
        within("rewards", WORK, async {
            let behind = rewards::behind(&mut *db.get().await?).await?;
            Ok(lagging(
                "rewards",
                "programs with facts to evaluate",
                (behind.programs, behind.oldest_at),
                now,
            ))
        }),
        within("stopped programs", WORK, async {
            let stopped = Cursor::stopped(&mut *db.get().await?, None).await?;
            Ok(stopped_programs(stopped.count, stopped.oldest, now))
        }),
        within("figures", WORK, async { Ok(figures(unfolded(&mut *db.get().await?).await?)) }),
    );
    vec![either(events), either(behind), either(stopped), either(figures)]
}

/// How long something may wait before it is told, and before it is a failure.
const TOLD: TimeDelta = TimeDelta::seconds(10);
const FAILED: TimeDelta = TimeDelta::seconds(60);

fn lagging(
    check: &'static str,
    what: &str,
    (count, oldest): (i64, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Line {
    let Some(oldest) = oldest else { return Line::ok(check, format!("0 {what}")) };
    let lag = now - oldest;
    let verdict = match lag {
        lag if lag >= FAILED => Verdict::Fail,
        lag if lag >= TOLD => Verdict::Warn,
        _ => Verdict::Ok,
    };
    let count = if count >= 10_000 { "10,000 or more".to_owned() } else { count.to_string() };
    Line::judged(check, verdict, format!("{count} {what}, the oldest for {}", age(lag)), WORK)
}

fn stopped_programs(count: i64, oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Line {
    let Some(oldest) = oldest else { return Line::ok("stopped programs", "none") };
    let found =
        format!("{count} stand before a fact that cannot be computed, the first for {}", age(now - oldest));
    let mend = "see `refero job dead` for why; mend it, then `refero job retry` its rewards.compute";
    Line::fail("stopped programs", found, mend)
}

/// A fold takes a batch every quarter of a second: many batches are a fold that does not keep up, or that nobody does.
fn figures(deltas: i64) -> Line {
    let verdict = match deltas / FOLD_BATCH {
        ..4 => Verdict::Ok,
        4..20 => Verdict::Warn,
        _ => Verdict::Fail,
    };
    let count = if deltas >= 100_000 { "100,000 or more".to_owned() } else { deltas.to_string() };
    Line::judged("figures", verdict, format!("{count} deltas to fold"), WORK)
}

/// A time as people say it.
pub fn age(time: TimeDelta) -> String {
    match time.num_seconds().max(0) {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_that_pile_up_are_told_and_then_fail() {
        for (deltas, expected) in [
            (19_999, "OK 19999 deltas to fold"),
            (20_000, "WARN 20000 deltas to fold"),
            (100_000, "FAIL 100,000 or more deltas to fold"),
        ] {
            let line = figures(deltas);
            assert_eq!(format!("{} {}", line.verdict.as_str(), line.found), expected);
        }
    }

    #[test]
    fn what_waits_too_long_is_told_and_then_fails() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let since = |seconds| Some(now - TimeDelta::seconds(seconds));
        for (count, oldest, expected) in [
            (0, None, "OK 0 events"),
            (3, since(9), "OK 3 events, the oldest for 9 s"),
            (3, since(10), "WARN 3 events, the oldest for 10 s"),
            (10_000, since(3_599), "FAIL 10,000 or more events, the oldest for 59 min"),
            (1, since(200_000), "FAIL 1 events, the oldest for 2 days"),
        ] {
            let line = lagging("events", "events", (count, oldest), now);
            assert_eq!(format!("{} {}", line.verdict.as_str(), line.found), expected);
        }
    }
}
