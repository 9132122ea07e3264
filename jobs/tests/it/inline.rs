use std::collections::HashSet;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use jobs::{Registry, RollJobHistory, RollJobHistoryHandler, run_due};
use queue::NewJob;

use crate::{
    kinds::{What, brief, light, registry, single, tell},
    station::Station,
};

async fn drain(station: &Station, now: DateTime<Utc>) -> usize {
    run_due(&registry(), &station.db, &station.ids, now).await.unwrap()
}

/// The texts of the errors of all dead jobs.
async fn dead_errors(station: &Station) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        error: String,
    }
    let sql = "SELECT e->>'error' AS error FROM job_history, jsonb_array_elements(errors) e WHERE state = 'dead' ORDER BY 1";
    let rows: Vec<Row> = sql_query(sql).load(&mut *station.conn().await).await.unwrap();
    rows.into_iter().map(|row| row.error).collect()
}

#[tokio::test]
async fn what_is_due_runs_and_what_fails_waits_for_its_time() {
    let station = Station::new().await;
    let now = station.clock.now();
    let jobs = [single(1, What::Note), light(2, What::Note), tell(3, What::Note), single(4, What::Fail)];
    station.enqueue(&jobs).await;
    station.enqueue(&[single(5, What::Note).run_at(now + TimeDelta::hours(1))]).await;

    assert_eq!(drain(&station, station.clock.now()).await, 4);
    assert_eq!(station.number("SELECT sum(number) FROM notes").await, 6);
    assert_eq!(station.number("SELECT count(*) FROM jobs WHERE state = 'scheduled'").await, 2);
    let later = now + TimeDelta::hours(2);
    assert_eq!(drain(&station, later).await, 2);
    assert_eq!(drain(&station, later + TimeDelta::hours(2)).await, 1);
    assert_eq!(dead_errors(&station).await, ["as told", "as told", "as told"]);
    station.assert_at_rest().await;
    station.drop().await;
}

#[tokio::test]
async fn a_slice_that_fails_runs_one_by_one_and_only_the_culprits_fail() {
    let station = Station::new().await;
    let mut jobs: Vec<NewJob> = (0..100).map(|number| light(number, What::Note)).collect();
    jobs[17] = light(17, What::Abort);
    jobs[44] = light(44, What::Panic);
    station.enqueue(&jobs).await;
    let mut now = station.clock.now();
    for _ in 0..3 {
        drain(&station, now).await;
        now += TimeDelta::minutes(5);
    }
    assert_eq!(station.ended("done").await, 98);
    assert_eq!(
        dead_errors(&station).await,
        ["as told", "panicked: as told", "panicked: as told", "panicked: as told"]
    );
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 98);
    station.assert_at_rest().await;
    station.drop().await;
}

/// A job that stops is dead, once, and what it wrote in that run stays.
#[tokio::test]
async fn what_a_job_wrote_before_it_stopped_stays() {
    let station = Station::new().await;
    station.enqueue(&[single(1, What::Stop), single(2, What::Abort)]).await;
    drain(&station, station.clock.now()).await;
    assert_eq!(dead_errors(&station).await, ["as told", "as told"]);
    assert_eq!(
        station.number("SELECT sum(number) FROM notes").await,
        1,
        "what an aborted one wrote does not"
    );
    station.assert_at_rest().await;
    station.drop().await;
}

#[tokio::test]
async fn arguments_that_cannot_be_read_are_dead_at_once_and_neighbours_run() {
    let station = Station::new().await;
    let ids = station.enqueue(&[light(1, What::Note), light(2, What::Note)]).await;
    sql_query("UPDATE jobs SET args = '{\"number\": \"two\"}' WHERE id = $1::uuid")
        .bind::<Text, _>(ids::TypedId::uuid(ids[1]).to_string())
        .execute(&mut *station.conn().await)
        .await
        .unwrap();
    drain(&station, station.clock.now()).await;
    assert_eq!((station.ended("done").await, station.ended("dead").await), (1, 1));
    assert!(dead_errors(&station).await[0].starts_with("the arguments cannot be read: "));
    station.assert_at_rest().await;
    station.drop().await;
}

#[tokio::test]
async fn a_handler_that_awaits_for_ever_is_stopped_and_retried() {
    let station = Station::new().await;
    station.enqueue(&[brief(1, What::Await)]).await;
    let now = station.clock.now();
    drain(&station, now).await;
    drain(&station, now + TimeDelta::hours(1)).await;
    assert_eq!(dead_errors(&station).await, ["stopped after 0.3 s", "stopped after 0.3 s"]);
    station.assert_at_rest().await;
    station.drop().await;
}

#[tokio::test]
async fn a_kind_without_a_handler_stays() {
    let station = Station::new().await;
    station.enqueue(&[single(1, What::Note)]).await;
    let none = Registry::default();
    assert_eq!(run_due(&none, &station.db, &station.ids, station.clock.now()).await.unwrap(), 0);
    assert_eq!(station.number("SELECT count(*) FROM jobs WHERE state = 'ready'").await, 1);
    station.drop().await;
}

#[tokio::test]
async fn the_history_rolls_on_by_a_job_of_its_own() {
    let station = Station::new().await;
    station.enqueue(&[NewJob::of(&RollJobHistory {})]).await;
    let registry = Registry::default().act(RollJobHistoryHandler);
    assert_eq!(run_due(&registry, &station.db, &station.ids, station.clock.now()).await.unwrap(), 1);
    let leaves = "SELECT count(*) FROM pg_class WHERE relname LIKE 'job_history_%_2%' AND relkind = 'r'";
    // Today and three days more: of what is done one for each, of what died one for each week, which begins on Mondays.
    let today = station.clock.now().date_naive();
    let weeks: HashSet<_> = today.iter_days().take(4).map(|day| day.iso_week()).collect();
    assert_eq!(station.number(leaves).await, 4 + i64::try_from(weeks.len()).unwrap());
    assert_eq!(station.number("SELECT count(*) FROM job_history_brief_default").await, 0);
    station.assert_at_rest().await;
    station.drop().await;
}
