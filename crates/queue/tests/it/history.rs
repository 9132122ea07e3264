use chrono::TimeDelta;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use queue::{Mode, Verdict, history};

use crate::support::{Ledger, count, ended};

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    table: String,
}

async fn places(conn: &mut diesel_async::AsyncPgConnection) -> Vec<String> {
    let sql = "SELECT DISTINCT tableoid::regclass::text AS table FROM job_history ORDER BY 1";
    let rows: Vec<Place> = sql_query(sql).load(conn).await.unwrap();
    rows.into_iter().map(|row| row.table).collect()
}

#[tokio::test]
async fn days_and_weeks_are_created_ahead_and_dropped_whole_done_before_dead() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let ids = queue::enqueue(conn, ledger.now, &ledger.ids, &[count(1), count(2)]).await.unwrap();
    let (_, token) = ledger.claim_one(conn, ids[0], Mode::Shared, ledger.now).await.unwrap();
    assert!(queue::finish(conn, &ids[..1], token, ledger.now).await.unwrap());
    assert_eq!(places(conn).await, ["job_history_brief_default"], "no day exists yet");

    assert_eq!(history::create_ahead(conn, 2, ledger.now).await.unwrap(), 5, "three days, two weeks");
    assert_eq!(history::create_ahead(conn, 2, ledger.now).await.unwrap(), 0);
    let (claimed, token) = ledger.claim_one(conn, ids[1], Mode::Shared, ledger.now).await.unwrap();
    queue::fail(conn, &claimed, token, Verdict::Abort, "no", ledger.now).await.unwrap();
    assert_eq!(places(conn).await, ["job_history_brief_20261122", "job_history_long_20261116"]);

    for (days, dropped) in [(7, 0), (8, 1), (90, 2), (91, 1)] {
        let now = ledger.now + TimeDelta::days(days);
        assert_eq!(history::drop_expired(conn, now).await.unwrap(), dropped, "after {days} days");
    }
    assert_eq!(ended(conn, ids[1]).await, Vec::<String>::new());
    ledger.drop().await;
}

#[tokio::test]
async fn what_fell_into_the_default_partition_goes_too() {
    let ledger = Ledger::new().await;
    let conn = &mut ledger.connect().await;
    let id = ledger.enqueue(conn, count(1)).await;
    let (_, token) = ledger.claim_one(conn, id, Mode::Shared, ledger.now).await.unwrap();
    assert!(queue::finish(conn, &[id], token, ledger.now).await.unwrap());
    history::drop_expired(conn, ledger.now + TimeDelta::days(8)).await.unwrap();
    assert_eq!(ended(conn, id).await, Vec::<String>::new());
    ledger.drop().await;
}
