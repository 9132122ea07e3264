//! What a stop does to what runs: nothing twice, nothing blamed.

use std::time::Duration;

use jobs::Registry;
use queue::NewJob;

use crate::{
    kinds::{TellHandler, What, single, tell},
    station::Station,
};

const MINUTE: Duration = Duration::from_secs(60);
const NOTES: &str = "SELECT count(*) FROM notes";

/// Ten calls, one after the other; a stop in the middle. Those that were made are done, the others wait as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_drain_records_the_calls_that_were_made_and_begins_no_other() {
    let station = Station::new().await;
    let jobs: Vec<NewJob> = (0..10).map(|number| tell(number, What::Sleep(300))).collect();
    station.enqueue(&jobs).await;
    let workers = station.start(station.config()).await;
    station.until("SELECT least(count(*), 2) FROM job_history", 2, MINUTE).await;
    assert!(station.number(NOTES).await < 10, "recorded one by one");
    assert!(workers.drain(Duration::from_secs(5)).await);
    let made = station.ended("done").await;
    assert!(made < 10, "{made} calls: the drain waited for the one in progress only");
    let unblamed =
        "SELECT count(*) FROM jobs WHERE state = 'ready' AND attempt = 0 AND errors = '[]' AND NOT alone";
    assert_eq!((station.number(NOTES).await, station.number(unblamed).await), (made, 10 - made));
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

/// One that runs alone had two crashes: the end of the process must not be the third.
#[tokio::test(flavor = "multi_thread")]
async fn a_drain_that_runs_out_hands_back_and_blames_nobody() {
    let station = Station::new().await;
    station.enqueue(&[single(1, What::Sleep(1900))]).await;
    station.execute("UPDATE jobs SET alone = true, crashes_alone = 2").await;
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs WHERE state = 'running'", 1, MINUTE).await;
    assert!(!workers.drain(Duration::from_millis(100)).await);
    let unblamed = "SELECT count(*) FROM jobs WHERE state = 'ready' AND attempt = 0 AND crashes_alone = 2";
    assert_eq!((station.number(unblamed).await, station.number(NOTES).await), (1, 0));
    let workers = station.start(station.config()).await;
    station.until("SELECT count(*) FROM jobs", 0, MINUTE).await;
    assert_eq!(station.ended("done").await, 1);
    station.assert_at_rest().await;
    workers.drain(Duration::from_secs(5)).await;
    station.drop().await;
}

/// A call that panics or hangs late in its slice repeats none that was made before it.
#[tokio::test]
async fn a_call_that_panics_repeats_no_neighbour() {
    let station = Station::new().await;
    let mut jobs: Vec<NewJob> = (0..5).map(|number| tell(number, What::Note)).collect();
    jobs.push(tell(5, What::Panic));
    station.enqueue(&jobs).await;
    let handler = TellHandler::default();
    let registry = Registry::default().call(handler.clone());
    jobs::run_due(&registry, &station.db, &station.ids, station.clock.now()).await.unwrap();
    assert_eq!(station.ended("done").await, 5);
    let mut called = handler.0.lock().unwrap().clone();
    called.sort_unstable();
    assert_eq!(called, [0, 1, 2, 3, 4, 5, 5], "only the one that panics is called again");
    station.drop().await;
}
