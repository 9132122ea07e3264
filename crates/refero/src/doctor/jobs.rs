//! Whether jobs are run: schedules, leases, workers, queues.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::db::Db;
use queue::{Overdue, Queue, QueueFigures, Worker};

use super::{
    Line, Verdict,
    ledgers::age,
    line::{either, within},
};

const WORK: &str = "is a process with workers running (`refero work`), and what does its log say?";

/// A worker tells of itself every five seconds.
const ALIVE: TimeDelta = TimeDelta::seconds(30);
/// Leases are taken back within five seconds of their end, schedules fire within one.
const LATE: TimeDelta = TimeDelta::seconds(60);
/// How long a due job of a queue that is worked for may wait.
const WAITED: TimeDelta = TimeDelta::minutes(5);

/// Looks at schedules, leases, workers and queues.
pub async fn look(db: &Db, now: DateTime<Utc>) -> Vec<Line> {
    let (overdue, expired, queues) = tokio::join!(
        within("schedules", WORK, async {
            Ok(schedules(&queue::overdue(&mut *db.get().await?, now - LATE).await?, now))
        }),
        within("leases", WORK, async {
            Ok(leases(queue::expired_leases(&mut *db.get().await?, now - LATE).await?))
        }),
        within("queues", WORK, async {
            let conn = &mut *db.get().await?;
            Ok((queue::figures(conn, now).await?, queue::workers(conn).await?))
        }),
    );
    let mut lines = vec![either(overdue), either(expired)];
    match queues {
        Ok((figures, seen)) => {
            lines.extend([
                workers(&figures, &seen, now),
                paused(&figures),
                waiting(&figures),
                dead(&figures),
            ]);
        }
        Err(line) => lines.push(line),
    }
    lines
}

fn schedules(overdue: &[Overdue], now: DateTime<Utc>) -> Line {
    let Some(first) = overdue.first() else { return Line::ok("schedules", "none is overdue") };
    let since = age(now - first.next_run_at);
    let found = format!("{} are overdue, {} for {since}", overdue.len(), first.name);
    Line::fail("schedules", found, WORK)
}

fn leases(expired: i64) -> Line {
    match expired {
        0 => Line::ok("leases", "no running job was left behind"),
        _ => Line::fail("leases", format!("{expired} running jobs were left behind by their workers"), WORK),
    }
}

fn workers(figures: &[QueueFigures], seen: &[Worker], now: DateTime<Utc>) -> Line {
    let alive: Vec<&Worker> = seen.iter().filter(|worker| now - worker.seen_at < ALIVE).collect();
    let mut by_queue: BTreeMap<&str, usize> = Queue::ALL.iter().map(|queue| (queue.as_str(), 0)).collect();
    for queue in alive.iter().flat_map(|worker| &worker.queues) {
        *by_queue.entry(queue).or_default() += 1;
    }
    let without: Vec<&str> =
        by_queue.iter().filter(|(_, workers)| **workers == 0).map(|(queue, _)| *queue).collect();
    if without.is_empty() {
        let fewest = by_queue.values().min().copied().unwrap_or(0);
        return Line::ok("workers", format!("{} alive, {fewest} or more for each queue", alive.len()));
    }
    let waits = figures.iter().any(|of| of.ready > 0 && without.contains(&of.queue.as_str()));
    let found = format!("{} alive, none for {}", alive.len(), without.join(", "));
    let verdict = if waits { Verdict::Fail } else { Verdict::Warn };
    Line::judged("workers", verdict, found, "start `refero work`, or `refero serve --with-workers`")
}

fn paused(figures: &[QueueFigures]) -> Line {
    let paused: Vec<&str> = figures.iter().filter(|of| of.paused).map(|of| of.queue.as_str()).collect();
    match paused.first() {
        None => Line::ok("paused queues", "none"),
        Some(first) => {
            Line::warn("paused queues", paused.join(", "), format!("`refero queue resume {first}`"))
        }
    }
}

fn waiting(figures: &[QueueFigures]) -> Line {
    let ready: i64 = figures.iter().map(|of| of.ready).sum();
    let worked_for = figures.iter().filter(|of| !of.paused);
    let oldest =
        worked_for.filter_map(|of| Some((of.taken_at - of.oldest_ready_at?, of.queue.as_str()))).max();
    let Some((waited, queue)) = oldest else { return Line::ok("due jobs", format!("{ready} wait")) };
    let found = format!("{ready} wait, the oldest for {} in {queue}", age(waited));
    let verdict = if waited >= WAITED { Verdict::Warn } else { Verdict::Ok };
    Line::judged("due jobs", verdict, found, "start more workers of this queue (`refero work --queues`)")
}

fn dead(figures: &[QueueFigures]) -> Line {
    let of_queues: Vec<String> =
        figures.iter().filter(|of| of.dead > 0).map(|of| format!("{} {}", of.dead, of.queue)).collect();
    match of_queues.is_empty() {
        true => Line::ok("dead jobs", "none"),
        false => Line::warn(
            "dead jobs",
            of_queues.join(", "),
            "see `refero job dead`, mend the cause, then `refero job retry`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn figures(queue: Queue, ready: i64) -> QueueFigures {
        QueueFigures {
            queue: queue.as_str().to_owned(),
            ready,
            scheduled: 0,
            running: 0,
            dead: 0,
            oldest_ready_at: (ready > 0).then(|| now() - TimeDelta::minutes(6)),
            paused: false,
            ended_lately: 0,
            taken_at: now(),
        }
    }

    fn worker(queues: &[Queue], seen_before: i64) -> Worker {
        Worker {
            id: ids::IdSource::seeded(1).next(now()),
            queues: queues.iter().map(|queue| queue.as_str().to_owned()).collect(),
            seen_at: now() - TimeDelta::seconds(seen_before),
            claimed_at: None,
        }
    }

    #[test]
    fn every_queue_needs_a_worker_that_was_seen_lately() {
        let idle: Vec<_> = Queue::ALL.iter().map(|queue| figures(*queue, 0)).collect();
        let busy = [figures(Queue::Emails, 3)];
        let others: Vec<Queue> = Queue::ALL.into_iter().filter(|queue| *queue != Queue::Emails).collect();
        for (figures, seen, expected) in [
            (&idle[..], vec![worker(&Queue::ALL, 5)], "OK 1 alive, 1 or more for each queue"),
            (&idle, vec![worker(&others, 5), worker(&Queue::ALL, 60)], "WARN 1 alive, none for emails"),
            (&busy, vec![worker(&others, 5)], "FAIL 1 alive, none for emails"),
        ] {
            let line = workers(figures, &seen, now());
            assert_eq!(format!("{} {}", line.verdict.as_str(), line.found), expected);
        }
    }

    #[test]
    fn jobs_that_wait_or_died_are_told() {
        let mut emails = figures(Queue::Emails, 3);
        assert_eq!(waiting(&[emails.clone()]).found, "3 wait, the oldest for 6 min in emails");
        assert_eq!(waiting(&[emails.clone()]).verdict, Verdict::Warn);
        emails.dead = 2;
        emails.paused = true;
        assert_eq!(waiting(&[emails.clone()]).verdict, Verdict::Ok, "it is told that the queue is paused");
        assert_eq!(dead(&[emails.clone()]).found, "2 emails");
        assert_eq!(paused(&[emails]).mend, "`refero queue resume emails`");
    }
}
