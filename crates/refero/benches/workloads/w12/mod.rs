//! W12: the page of operators, queues and jobs, beside a long history of jobs that have ended.

use std::time::Instant;

use anyhow::Context;
use chrono::{Days, NaiveTime};
use domain::{act::Act, users::User};
use ids::IdSource;

use crate::{
    contest::{Contestant, Turns},
    ground::{Base, Ground},
    options::Options,
    pgbench::Script,
    press::Target,
    seed,
    server::{Role, Server},
    table::Table,
};

const PAGE: &str = "{ queues { name ready scheduled running dead paused oldestReadyAgeMs throughputPerMinute } \
     jobs(first: 50) { nodes { id kind queue state attempt createdAt finishedAt } pageInfo { hasNextPage endCursor } } }";

/// Days that the jobs have ended on: as many as are kept.
const DAYS: u64 = 7;
/// Jobs that wait, of each of some queues; they were enqueued long ago, and the newest jobs are those that have ended.
const WAITING: u64 = 2_000;

/// Measures all rounds, by one client and by all.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let base = ground.migrated("bench_w12").await?;
    let act = Act::of_system(base.clock.now(), IdSource::from_system()?);
    let owner = seed::owner(&base, &act).await?;
    User::make_operator(&mut *base.db.get().await?, owner.email, &act)
        .await?
        .context("the owner is there")?;
    let begun = Instant::now();
    fill(&base, options.finished_jobs).await?;
    println!("W12: {} finished jobs in {:.0} s", options.finished_jobs, begun.elapsed().as_secs_f64());
    let server = Server::start(ground, &base.url, Role::Serve).await?;
    let session = server.log_in(owner.email, &owner.password).await?;
    let variables = vec![
        ("token", base.ask("SELECT encode(token_hash, 'hex') FROM sessions").await?),
        ("user", base.ask("SELECT id FROM users").await?),
    ];
    let contestants = |script: Script| {
        let target = Target::query(server.address, session.clone(), PAGE, "stats.nothing");
        [("pgbench", Contestant::Pgbench(script, base.url.clone())), ("refero", Contestant::Http(target))]
    };
    let script = || Script::new("w12", include_str!("page.sql"), variables.clone());
    let one = Turns::of(ground, options, "W12, one client,", 1, &contestants(script()?)).await?;
    let all =
        Turns::of(ground, options, "W12, all clients,", options.clients, &contestants(script()?)).await?;
    server.stop().await?;
    Ok(table(&one, &all, options))
}

/// What was done over the days that are kept, and what waits. The history is written without a log, which nobody reads
/// here, and its indexes are made when it is there.
async fn fill(base: &Base, finished: u64) -> anyhow::Result<()> {
    let today = base.clock.now().date_naive();
    for back in 1..=DAYS {
        let day = today - Days::new(back);
        let (from, to) = (day.and_time(NaiveTime::MIN), (day + Days::new(1)).and_time(NaiveTime::MIN));
        let rows = finished / DAYS;
        base.fill(&format!(
            "CREATE UNLOGGED TABLE bench_day_{back} (LIKE job_history INCLUDING DEFAULTS INCLUDING CONSTRAINTS); \
             INSERT INTO bench_day_{back} (id, queue, kind, args, priority, state, run_at, attempt, max_attempts, \
             crashes_alone, errors, created_at, started_at, finished_at) \
             SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(gen_random_uuid()::text, 15))::uuid, \
             'stats', 'stats.nothing', jsonb_build_object('number', n), 0, 'done', at, 1, 20, 0, '[]', at, at, at \
             FROM (SELECT n, timestamptz '{from}+00' + n * (interval '86399 s' / {rows}) AS at FROM generate_series(1, {rows}) n) x; \
             ALTER TABLE job_history_brief ATTACH PARTITION bench_day_{back} FOR VALUES FROM ('{from}+00') TO ('{to}+00')"
        ))
        .await?;
    }
    base.execute(&format!(
        "INSERT INTO jobs (id, queue, kind, args, state, run_at, max_attempts, created_at) \
         SELECT (lpad(to_hex((extract(epoch FROM now() - interval '30 days') * 1000)::bigint), 12, '0') || substr(gen_random_uuid()::text, 15))::uuid, \
         queue, queue || '.later', '{{}}', 'scheduled', now() + interval '1 day', 20, now() \
         FROM unnest(ARRAY['rewards', 'emails', 'stats', 'imports']) queue, generate_series(1, {WAITING})"
    ))
    .await?;
    base.fill("VACUUM ANALYZE").await
}

fn table(one: &Turns, all: &Turns, options: &Options) -> Table {
    let title = format!("W12: the operations page at {} finished jobs", options.finished_jobs);
    let mut table = Table::new(&title);
    table.target("one client, p50, ms", one.all(1, |turn| turn.p50), 2, "10");
    table.line("one client, p99, ms", one.all(1, |turn| turn.p99), 2);
    table.line("pgbench, the same statements, one client, pages/s", one.rates(0), 0);
    table.line("refero, one client, pages/s", one.rates(1), 0);
    table.line("pgbench, all clients, pages/s", all.rates(0), 0);
    table.line("refero, all clients, pages/s", all.rates(1), 0);
    table.ratio("ratio to pgbench", (&all.rates(1), &all.rates(0)), "");
    table.line("all clients, p99, ms", all.all(1, |turn| turn.p99), 1);
    table
}
