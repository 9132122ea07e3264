use diesel::QueryDsl;
use diesel_async::RunQueryDsl;
use queue::{CatchUp, Schedule, schema::jobs};

use crate::support::{Ledger, count};

const HOURLY: Schedule = Schedule {
    name: "stats.hourly",
    every_secs: 3600,
    offset_secs: 0,
    catch_up: CatchUp::All,
    job: |_slot| count(1),
};
const LATEST: Schedule = Schedule { name: "stats.latest", catch_up: CatchUp::Latest, ..HOURLY };

async fn keys(conn: &mut diesel_async::AsyncPgConnection) -> Vec<Option<String>> {
    jobs::table.select(jobs::unique_key).order(jobs::unique_key).load(conn).await.unwrap()
}

#[tokio::test]
async fn two_dispatchers_fire_each_slot_once() {
    let ledger = Ledger::new().await;
    let (one, two) = (&mut ledger.connect().await, &mut ledger.connect().await);
    queue::register(one, &[HOURLY], ledger.now).await.unwrap();
    queue::register(two, &[HOURLY], ledger.after(7200)).await.unwrap();
    assert_eq!(queue::fire_due(one, &ledger.ids, &[HOURLY], ledger.after(3599)).await.unwrap(), 0);
    for hour in 1..=5 {
        let at = ledger.after(hour * 3600);
        let schedules = &[HOURLY];
        let (first, second) = tokio::join!(
            queue::fire_due(one, &ledger.ids, schedules, at),
            queue::fire_due(two, &ledger.ids, schedules, at)
        );
        assert_eq!(first.unwrap() + second.unwrap(), 1, "hour {hour}");
    }
    assert_eq!(keys(one).await.len(), 5);
    ledger.drop().await;
}

#[tokio::test]
async fn after_a_downtime_all_slots_or_only_the_latest() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let schedules = [HOURLY, LATEST];
    queue::register(conn, &schedules, ledger.now).await.unwrap();
    let late = ledger.after(3 * 3600 + 100);
    assert_eq!(queue::fire_due(conn, &ledger.ids, &schedules, late).await.unwrap(), 4);
    assert_eq!(queue::fire_due(conn, &ledger.ids, &schedules, late).await.unwrap(), 0);
    let keys: Vec<String> = keys(conn).await.into_iter().flatten().collect();
    assert_eq!(
        keys,
        [
            "stats.hourly@2026-11-22T13:00:00Z",
            "stats.hourly@2026-11-22T14:00:00Z",
            "stats.hourly@2026-11-22T15:00:00Z",
            "stats.latest@2026-11-22T15:00:00Z",
        ]
    );
    ledger.drop().await;
}

/// While a queue is paused, jobs that do all that is due must not pile up.
#[tokio::test]
async fn the_latest_does_not_fire_while_one_of_it_waits() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    queue::register(conn, &[LATEST], ledger.now).await.unwrap();
    for (hour, fired) in [(1, 1), (2, 0), (3, 0)] {
        let at = ledger.after(hour * 3600);
        assert_eq!(queue::fire_due(conn, &ledger.ids, &[LATEST], at).await.unwrap(), fired, "hour {hour}");
    }
    let keys: Vec<String> = keys(conn).await.into_iter().flatten().collect();
    assert_eq!(keys, ["stats.latest@2026-11-22T13:00:00Z"]);
    diesel::delete(jobs::table).execute(conn).await.unwrap();
    assert_eq!(queue::fire_due(conn, &ledger.ids, &[LATEST], ledger.after(3 * 3600 + 60)).await.unwrap(), 0);
    assert_eq!(queue::fire_due(conn, &ledger.ids, &[LATEST], ledger.after(4 * 3600)).await.unwrap(), 1);
    ledger.drop().await;
}
