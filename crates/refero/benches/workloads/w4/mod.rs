//! W4: jobs that do nothing. Durable, from the ledger through Redis to a handler and into the history; and the lane alone,
//! from a list in Redis to a handler.

mod durable;

use jobs::lane_alone;

use self::durable::{CONCURRENCY, Durable, SLICE};
use crate::{figures::per_second, ground::Ground, options::Options, peer::Script, table::Table};

/// Ours takes so much less time for one that it is given more of them, to be measured at all.
const LANE: usize = 10;

/// What each round gives, in jobs per second.
#[derive(Default)]
struct Rounds {
    pgbench: Vec<f64>,
    durable: Vec<f64>,
    graphile: Vec<f64>,
    lane: Vec<f64>,
    bullmq: Vec<f64>,
}

/// Measures all rounds, then the backlogs.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let durable = Durable::prepare(ground).await?;
    let (graphile, bullmq) = (Script::find("graphile-worker.mjs")?, Script::find("bullmq.mjs")?);
    let graphile_url = ground.create("bench_graphile", None).await?;
    let mut rounds = Rounds::default();
    for number in 1..=options.rounds {
        ground.settle().await?;
        rounds.pgbench.push(durable.by_pgbench(options.jobs).await?);
        ground.settle().await?;
        rounds.durable.push(durable.by_us(ground, options.jobs).await?);
        if let Some(script) = &graphile {
            ground.settle().await?;
            rounds.graphile.push(script.figure(options.jobs, &[("DATABASE_URL", &graphile_url)]).await?);
        }
        let jobs = options.jobs * LANE;
        let elapsed = lane_alone(&ground.redis_url, jobs, SLICE, CONCURRENCY).await?;
        rounds.lane.push(per_second(jobs, elapsed));
        if let Some(script) = &bullmq {
            rounds.bullmq.push(script.figure(options.jobs, &[("REDIS_URL", &ground.redis_url)]).await?);
        }
        println!("W4 round {number}: {}", rounds.last());
    }
    let mut table = rounds.table();
    for backlog in &options.backlogs {
        ground.settle().await?;
        let rate = durable.by_us(ground, *backlog).await?;
        println!("W4 from a backlog of {backlog}: {rate:.0}/s");
        table.line(format!("durable, from a backlog of {backlog}, jobs/s (once)"), vec![rate], 0);
    }
    table.line("jobs in the history by then", vec![durable.history().await? as f64], 0);
    Ok(table)
}

impl Rounds {
    fn last(&self) -> String {
        let named = [
            ("pgbench", &self.pgbench),
            ("durable", &self.durable),
            ("graphile-worker", &self.graphile),
            ("lane", &self.lane),
            ("BullMQ", &self.bullmq),
        ];
        let said = |(name, values): (&str, &Vec<f64>)| Some(format!("{name} {:.0}/s", values.last()?));
        named.into_iter().filter_map(said).collect::<Vec<_>>().join(", ")
    }

    fn table(&self) -> Table {
        let mut table = Table::new("W4: jobs that do nothing");
        table.line("pgbench, the same dispatch, claim and finish, jobs/s", self.pgbench.clone(), 0);
        table.line("durable, jobs/s", self.durable.clone(), 0);
        table.ratio("ratio to pgbench", (&self.durable, &self.pgbench), "");
        table.line("graphile-worker, batched, jobs/s", self.graphile.clone(), 0);
        table.ratio("ratio to graphile-worker", (&self.durable, &self.graphile), "1.5");
        table.line("the lane alone, jobs/s", self.lane.clone(), 0);
        table.line("BullMQ, jobs/s", self.bullmq.clone(), 0);
        table.ratio("ratio to BullMQ", (&self.lane, &self.bullmq), "5");
        table.ratio("durable, ratio to BullMQ, which is not", (&self.durable, &self.bullmq), "");
        table
    }
}
