//! W3: a sale is recorded over HTTP, until its reward is there.

mod load;
mod watch;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use self::{
    load::{Outcome, Pace},
    watch::Watch,
};
use crate::{
    figures::percentiles,
    ground::{Base, Ground},
    options::Options,
    pgbench::{Length, Script},
    seed::{self, Shop},
    server::{Role, Server},
    table::Table,
};

/// How long the workers may take for what a load has left.
const DRAIN_LIMIT: Duration = Duration::from_secs(300);

/// What of pgbench's rate is asked for.
const TARGET: &str = "0.6";

/// One round. Rates are sales per second, times are milliseconds.
#[derive(Default)]
struct Round {
    /// pgbench with the statements of one sale.
    pgbench: f64,
    /// Accepted by `refero serve`.
    accepted: f64,
    /// Accepted by `refero serve --with-workers`, while the workers do all that follows.
    accepted_beside_workers: f64,
    /// From the first sale of that load to the last reward of it.
    rewarded: f64,
    /// At half of `rewarded`.
    half: Half,
    /// What the database has grown by for each sale.
    bytes: f64,
}

/// Times at half load.
#[derive(Default)]
struct Half {
    per_second: f64,
    accept_p50: f64,
    accept_p99: f64,
    reward_p50: f64,
    reward_p99: f64,
}

/// The contestants' databases: copies of one shop, so that nobody works on what another one left.
struct Shops {
    shop: Shop,
    peer: String,
    peer_script: Script,
    alone: String,
    whole: Base,
}

/// Measures all rounds.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let begun = Instant::now();
    let shops = Shops::open(ground).await?;
    let took = begun.elapsed().as_secs_f64();
    println!("W3: a shop with {} customers, set up in {took:.1} s", seed::CUSTOMERS);
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let round = shops.round(ground, options, number).await?;
        println!(
            "W3 round {number}: pgbench {:.0}/s, accepted {:.0}/s, beside workers {:.0}/s, rewarded {:.0}/s; at {:.0}/s \
             accepted in {:.1} (p99 {:.1}) ms, rewarded in {:.1} (p99 {:.1}) ms",
            round.pgbench,
            round.accepted,
            round.accepted_beside_workers,
            round.rewarded,
            round.half.per_second,
            round.half.accept_p50,
            round.half.accept_p99,
            round.half.reward_p50,
            round.half.reward_p99,
        );
        rounds.push(round);
    }
    Ok(table(&rounds))
}

fn table(rounds: &[Round]) -> Table {
    let of = |figure: fn(&Round) -> f64| rounds.iter().map(figure).collect::<Vec<f64>>();
    let mut table = Table::new("W3: `transactionRecord` until its reward is there");
    table.line("pgbench, the statements of one sale, sales/s", of(|r| r.pgbench), 0);
    table.line("accepted by `refero serve`, sales/s", of(|r| r.accepted), 0);
    table.ratio("ratio to pgbench", (&of(|r| r.accepted), &of(|r| r.pgbench)), TARGET);
    table.line("accepted beside the workers, sales/s", of(|r| r.accepted_beside_workers), 0);
    table.ratio("ratio to pgbench", (&of(|r| r.accepted_beside_workers), &of(|r| r.pgbench)), "");
    table.line("until the last reward, sales/s", of(|r| r.rewarded), 0);
    table.line("at half load, sales/s", of(|r| r.half.per_second), 0);
    table.line("accepted, p50, ms", of(|r| r.half.accept_p50), 1);
    table.line("accepted, p99, ms", of(|r| r.half.accept_p99), 1);
    table.target("reward is there, p50, ms", of(|r| r.half.reward_p50), 1, "20");
    table.target("reward is there, p99, ms", of(|r| r.half.reward_p99), 1, "150");
    table.line("disk for a sale and all that follows, kB", of(|r| r.bytes / 1_024.0), 1);
    table
}

impl Shops {
    async fn open(ground: &Ground) -> anyhow::Result<Self> {
        let seeded = ground.migrated("bench_shop").await?;
        let shop = seed::shop(&seeded).await?;
        let variables = variables(&seeded).await?;
        seeded.execute("VACUUM ANALYZE").await?;
        drop(seeded);
        let whole = ground.create("bench_whole", Some("bench_shop")).await?;
        Ok(Self {
            shop,
            peer: ground.create("bench_peer", Some("bench_shop")).await?,
            peer_script: Script::new("w3", include_str!("sale.sql"), variables)?,
            alone: ground.create("bench_alone", Some("bench_shop")).await?,
            whole: Base::open(whole).await?,
        })
    }

    async fn round(&self, ground: &Ground, options: &Options, number: usize) -> anyhow::Result<Round> {
        let (clients, length) = (options.clients, Duration::from_secs(options.seconds));
        ground.settle().await?;
        let pgbench = self.peer_script.run(&self.peer, clients, Length::Seconds(options.seconds)).await?;

        ground.settle().await?;
        let server = Server::start(ground, &self.alone, Role::Serve).await?;
        self.load(&server, format!("warm-{number}"), clients, Pace::Full, length / 4).await?;
        let accepted = self.load(&server, format!("alone-{number}"), clients, Pace::Full, length).await?;
        server.stop().await?;

        ground.settle().await?;
        let (sales, bytes) = (self.rewards().await?, self.bytes().await?);
        let server = Server::start(ground, &self.whole.url, Role::ServeAndWork).await?;
        self.load(&server, format!("warm-{number}"), clients, Pace::Full, length / 4).await?;
        self.drain().await?;
        let (beside, rewarded) = self.whole_load(&server, format!("whole-{number}"), clients, length).await?;
        self.drain().await?;
        ground.settle().await?;
        let half = self.half(&server, format!("half-{number}"), clients, rewarded / 2.0, length).await?;
        self.drain().await?;
        server.stop().await?;
        let (more_sales, more_bytes) = (self.rewards().await? - sales, self.bytes().await? - bytes);
        Ok(Round {
            bytes: more_bytes as f64 / more_sales.max(1) as f64,
            pgbench,
            accepted: accepted.per_second(),
            accepted_beside_workers: beside,
            rewarded,
            half,
        })
    }

    async fn load(
        &self,
        server: &Server,
        name: String,
        clients: usize,
        pace: Pace,
        length: Duration,
    ) -> anyhow::Result<Outcome> {
        load::run(server, (&self.shop, name), clients, pace, length).await
    }

    /// All that the server can do: sales accepted per second, and rewarded per second.
    async fn whole_load(
        &self,
        server: &Server,
        name: String,
        clients: usize,
        length: Duration,
    ) -> anyhow::Result<(f64, f64)> {
        let (before, begun) = (self.rewards().await?, Instant::now());
        let outcome = self.load(server, name, clients, Pace::Full, length).await?;
        let expected = before + outcome.accepted.len() as u64;
        while self.rewards().await? < expected {
            ensure!(begun.elapsed() < DRAIN_LIMIT, "the rewards of a load are not there in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let rewarded = outcome.accepted.len() as f64 / begun.elapsed().as_secs_f64();
        Ok((outcome.per_second(), rewarded))
    }

    /// A steady load: how long a sale takes to be accepted, and until others can read its reward.
    async fn half(
        &self,
        server: &Server,
        name: String,
        clients: usize,
        per_second: f64,
        length: Duration,
    ) -> anyhow::Result<Half> {
        let watch = Watch::start(&self.whole.url, &self.shop).await?;
        // The pace is kept by enough clients that a slow answer does not slow the others down.
        let outcome = self.load(server, name, clients * 2, Pace::PerSecond(per_second), length).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.drain().await?;
        let seen = watch.stop().await?;
        let rewarded: Vec<Duration> = outcome
            .accepted
            .iter()
            .map(|sale| seen.get(&sale.id).map(|at| at.saturating_duration_since(sale.due)))
            .collect::<Option<_>>()
            .context("a reward was not seen")?;
        let (accept, reward) = (percentiles(&outcome.latencies()), percentiles(&rewarded));
        Ok(Half {
            per_second: outcome.per_second(),
            accept_p50: accept.p50,
            accept_p99: accept.p99,
            reward_p50: reward.p50,
            reward_p99: reward.p99,
        })
    }

    async fn bytes(&self) -> anyhow::Result<u64> {
        self.whole.count("SELECT pg_database_size(current_database())").await
    }

    async fn rewards(&self) -> anyhow::Result<u64> {
        self.whole.count("SELECT count(*) FROM rewards").await
    }

    /// Waits until nothing of a load is left: every event has its place, every job has run, every email is written.
    async fn drain(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let left = "SELECT (SELECT count(*) FROM jobs WHERE kind <> 'rewards.release_due' AND state <> 'scheduled') \
                    + (SELECT count(*) FROM events WHERE position IS NULL)";
        while self.whole.count(left).await? > 0 {
            ensure!(begun.elapsed() < DRAIN_LIMIT, "the workers do not come to an end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// What the peer's script needs to know of the shop.
async fn variables(base: &Base) -> anyhow::Result<Vec<(&'static str, String)>> {
    let of_shop = |column: &str| format!("SELECT {column} FROM programs");
    Ok(vec![
        ("account", base.ask(&of_shop("account_id")).await?),
        ("program", base.ask(&of_shop("id")).await?),
        ("token", base.ask("SELECT encode(token_hash, 'hex') FROM api_keys").await?),
        ("customers", seed::CUSTOMERS.to_string()),
    ])
}
