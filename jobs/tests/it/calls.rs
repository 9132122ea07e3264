use chrono::TimeDelta;
use jobs::run_due;
use queue::NewJob;

use crate::{
    kinds::{What, registry, tell},
    station::Station,
};

#[tokio::test]
async fn each_call_of_a_slice_has_its_own_end() {
    let station = Station::new().await;
    let whats = [What::Note, What::Fail, What::Note, What::Abort, What::Later];
    let jobs: Vec<NewJob> = (0..).zip(whats).map(|(number, what)| tell(number, what)).collect();
    station.enqueue(&jobs).await;
    let now = station.clock.now();
    assert_eq!(run_due(&registry(), &station.db, &station.ids, now).await.unwrap(), 5);
    assert_eq!((station.ended("done").await, station.ended("dead").await), (2, 1));
    let soon = "SELECT count(*) FROM jobs WHERE state = 'scheduled' AND attempt = 1";
    assert_eq!(station.number(soon).await, 2, "one by its backoff, one when the other side said");
    assert_eq!(station.number("SELECT sum(number) FROM notes").await, 2);
    station.drop().await;
}

#[tokio::test]
async fn a_call_that_panics_takes_no_neighbour_with_it() {
    let station = Station::new().await;
    let whats = [What::Note, What::Panic, What::Note];
    let jobs: Vec<NewJob> = (0..).zip(whats).map(|(number, what)| tell(number, what)).collect();
    station.enqueue(&jobs).await;
    let now = station.clock.now();
    for hour in 0..3 {
        run_due(&registry(), &station.db, &station.ids, now + TimeDelta::hours(hour)).await.unwrap();
    }
    assert_eq!((station.ended("done").await, station.ended("dead").await), (2, 1));
    station.assert_at_rest().await;
    station.drop().await;
}
