//! W7: a thousand subscribers of the feed of events over WebSockets, while twenty sales a second are recorded.

mod subscriber;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::ensure;
use domain::{act::Act, scope::AccountScope, team::Permission};
use ids::IdSource;
use tokio::{sync::mpsc, task::JoinSet};

use self::subscriber::Subscriber;
use crate::{
    client::Connection,
    figures::percentiles,
    ground::{Base, Ground},
    options::Options,
    sale::Sale,
    seed::{self, Shop},
    server::{Role, Server},
    table::Table,
};

/// Sales per second.
const RATE: u64 = 20;
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 32;
/// How long the last event may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a round gives: times are milliseconds, from a sale's being sent to each subscriber's reading its event.
#[derive(Default)]
struct Rounds {
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Scans of the table of events for each sale, with one subscriber and with all.
    scans_for_one: Vec<f64>,
    scans_for_all: Vec<f64>,
}

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let base = ground.migrated("bench_w7").await?;
    let mut shop = seed::shop(&base).await?;
    let act = Act::of_system(base.clock.now(), IdSource::from_system()?);
    let scope = AccountScope::whole(shop.account_id);
    shop.api_key = seed::api_key(&base, &scope, Permission::ALL.to_vec(), &act).await?;
    base.fill("VACUUM ANALYZE").await?;
    let server = Server::start(ground, &base.url, Role::ServeAndWork).await?;
    let mut rounds = Rounds::default();
    let one = followers(&server, &shop, 1).await?;
    for number in 1..=options.rounds {
        let length = Duration::from_secs(options.seconds);
        rounds.scans_for_one.push(round(&base, &server, (&shop, &one), number, length).await?.1);
    }
    drop(one);
    let before = server.memory();
    let all = followers(&server, &shop, options.subscribers).await?;
    let opened = server.memory();
    for number in 1..=options.rounds {
        let length = Duration::from_secs(options.seconds);
        let (times, scans) = round(&base, &server, (&shop, &all), options.rounds + number, length).await?;
        let times = percentiles(&times);
        println!("W7 round {number}: p50 {:.1} ms, p99 {:.1} ms", times.p50, times.p99);
        rounds.p50.push(times.p50);
        rounds.p99.push(times.p99);
        rounds.scans_for_all.push(scans);
    }
    let each = |after: u64| after.saturating_sub(before) as f64 / options.subscribers as f64 / 1_024.0;
    let memory = (each(opened), each(server.memory()));
    drop(all);
    server.stop().await?;
    Ok(rounds.table(options.subscribers, memory))
}

/// Opens so many sockets and follows the feed on each.
async fn followers(server: &Server, shop: &Shop, count: usize) -> anyhow::Result<Vec<Subscriber>> {
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        let mut opening = JoinSet::new();
        for _ in 0..AT_ONCE.min(count - open.len()) {
            opening.spawn(Subscriber::open(server.address, shop.api_key.clone()));
        }
        while let Some(opened) = opening.join_next().await {
            open.push(opened??);
        }
    }
    Ok(open)
}

/// Records sales at the rate, and waits until every subscriber has read all of them. Answers how long each took to each, and
/// how often the table of events was looked into for each sale.
async fn round(
    base: &Base,
    server: &Server,
    (shop, subscribers): (&Shop, &[Subscriber]),
    number: usize,
    length: Duration,
) -> anyhow::Result<(Vec<Duration>, f64)> {
    let (told, mut seen) = mpsc::unbounded_channel();
    for subscriber in subscribers {
        subscriber.tell(told.clone());
    }
    let mut sent = HashMap::new();
    let before = scans(base).await?;
    let mut connection = Connection::open(server.address).await?;
    let (begun, count) = (Instant::now(), RATE * length.as_secs());
    for sale in 0..count {
        let due = begun + Duration::from_secs(1) * u32::try_from(sale)? / u32::try_from(RATE)?;
        tokio::time::sleep_until(due.into()).await;
        let now = Instant::now();
        let key = format!("w7-{}-{number}-{sale}", subscribers.len());
        let sale = Sale { key, customer: usize::try_from(sale)? % seed::CUSTOMERS, cents: 1_000 };
        let id = sale.record(&mut connection, shop).await?;
        sent.insert(id.to_string(), now);
    }
    let expected = usize::try_from(count)? * subscribers.len();
    let mut times = Vec::with_capacity(expected);
    let mut arrivals = Vec::with_capacity(expected);
    let until = tokio::time::Instant::now() + PATIENCE;
    while arrivals.len() < expected {
        match tokio::time::timeout_at(until, seen.recv()).await {
            Ok(Some(arrival)) => arrivals.push(arrival),
            _ => break,
        }
    }
    ensure!(arrivals.len() == expected, "{} of {expected} events arrived", arrivals.len());
    for (id, at) in arrivals {
        if let Some(begun) = sent.get(&id) {
            times.push(at.saturating_duration_since(*begun));
        }
    }
    ensure!(times.len() == expected, "{} events are of no sale", expected - times.len());
    Ok((times, (scans(base).await? - before) as f64 / count as f64))
}

/// How often the table of events was looked into so far, once PostgreSQL has counted.
async fn scans(base: &Base) -> anyhow::Result<u64> {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    base.count("SELECT coalesce(sum(seq_scan + idx_scan), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'events'").await
}

impl Rounds {
    fn table(self, subscribers: usize, (opened, followed): (f64, f64)) -> Table {
        let title = format!("W7: {subscribers} subscribers over WebSockets, {RATE} sales/s");
        let mut table = Table::new(&title);
        table.line("from the sale's being sent to its event's being read, p50, ms", self.p50, 1);
        table.target("p99, ms", self.p99, 1, "200");
        table.line("looks into the table of events for each sale, one subscriber", self.scans_for_one, 1);
        table.target("looks for each sale, all subscribers", self.scans_for_all, 1, "as for one");
        table.line("memory of a subscriber once it follows, kB", vec![opened], 1);
        table.target("memory of a subscriber after the load, kB", vec![followed], 1, "30");
        table
    }
}
