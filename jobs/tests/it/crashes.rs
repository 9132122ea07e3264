use std::time::Duration;

use queue::NewJob;

use crate::{
    child::WorkerProcess,
    kinds::{What, brief, light, single},
    station::Station,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_lose_and_double_nothing() {
    let station = Station::new().await;
    let jobs: Vec<NewJob> = (0..1500)
        .map(
            |number| if number % 3 == 0 { single(number, What::Sleep(5)) } else { light(number, What::Note) },
        )
        .collect();
    station.enqueue(&jobs).await;
    let mut processes = [WorkerProcess::start(&station), WorkerProcess::start(&station)];
    for (round, wait) in [700, 400, 900, 300].into_iter().enumerate() {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        processes[round % 2].kill();
        processes[round % 2] = WorkerProcess::start(&station);
    }
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    assert_eq!(station.ended("done").await, 1500);
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 1500);
    station.assert_at_rest().await;
    station.drop().await;
}

/// An endless loop cannot be stopped: the watchdog aborts the process. First in company, then three times alone: poison.
/// The neighbours of the first crash run again and are not blamed.
#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_is_dead_after_three_crashes_alone_and_neighbours_finish() {
    let station = Station::new().await;
    station.enqueue(&[single(1, What::Sleep(1000)), brief(666, What::Spin)]).await;
    let jobs: Vec<NewJob> = (2..20).map(|number| light(number, What::Note)).collect();
    station.enqueue(&jobs).await;
    for crash in 0..4 {
        let mut process = WorkerProcess::start(&station);
        process.ended(Duration::from_secs(20)).await;
        assert_eq!(station.ended("dead").await, 0, "after crash {crash}");
    }
    let _process = WorkerProcess::start(&station);
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    assert_eq!((station.ended("done").await, station.ended("dead").await), (19, 1));
    let errors = "SELECT jsonb_array_length(errors) FROM job_history WHERE state = 'dead'";
    assert_eq!(station.number(errors).await, 4);
    assert_eq!(station.number("SELECT count(*) FROM job_history WHERE attempt > max_attempts").await, 0);
    station.assert_at_rest().await;
    station.drop().await;
}

/// Its lease is taken away in mid work: whoever gets the job next has the effect, and the first run is rolled back.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_loses_its_lease_has_no_effect() {
    let station = Station::new().await;
    station.enqueue(&[single(1, What::Sleep(700))]).await;
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs WHERE state = 'running'", 1, MINUTE).await;
    // With its token: a renewal that is under way would give the lease back otherwise.
    let taken = "lease_until = now() - interval '1 second', lease_token = gen_random_uuid()";
    station.execute(&format!("UPDATE jobs SET {taken}")).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    assert_eq!(station.number("SELECT count(*) FROM notes").await, 1);
    assert_eq!(station.number("SELECT jsonb_array_length(errors) FROM job_history").await, 1);
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_run_alone_has_the_process_for_itself() {
    let station = Station::new().await;
    let jobs: Vec<NewJob> = (0..30).map(|number| single(number, What::Sleep(60))).collect();
    station.enqueue(&jobs).await;
    station.execute("UPDATE jobs SET alone = true WHERE (args->>'number')::int % 10 = 5").await;
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    // Notes are stamped by PostgreSQL and ends by the process, whose clock follows it to a few milliseconds.
    let beside = "SELECT count(*) FROM notes a, notes b JOIN job_history h ON (h.args->>'number')::int = b.number \
                  WHERE a.number % 10 = 5 AND a.number <> b.number \
                  AND a.at BETWEEN b.at AND h.finished_at - interval '25 milliseconds'";
    assert_eq!(station.number(beside).await, 0, "jobs that began while another ran");
    let company = "SELECT count(*) FROM notes a, notes b JOIN job_history h ON (h.args->>'number')::int = b.number \
                   WHERE a.number % 10 <> 5 AND a.number <> b.number AND a.at BETWEEN b.at AND h.finished_at";
    assert!(station.number(company).await > 0, "the others do run beside each other");
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}
