//! W6: what a year has earned is paid to all partners in one batch, frozen and executed in ranges.

use std::time::Instant;

use anyhow::ensure;
use diesel_async::AsyncConnection;
use domain::{
    act::Act,
    payout_batches::{BatchStatus, ExecuteBatch, Execution, FreezeBatch, NewBatch, PayoutBatch, Rail},
    scope::AccountScope,
    verify::verify,
};
use ids::{IdSource, ProgramId};

use crate::{
    ground::{Base, Ground},
    options::Options,
    seed,
    table::Table,
};

const FILL: &str = include_str!("fill.sql");
const RAW: &str = include_str!("raw.sql");

/// Measures a batch and the same by hand, on copies of one database, in turns.
pub async fn run(ground: &Ground, options: &Options) -> anyhow::Result<Table> {
    let base = ground.migrated("bench_payouts").await?;
    let shop = seed::shop(&base).await?;
    let fill = FILL.replace(":partners", &options.paid_partners.to_string());
    base.fill(&fill.replace(":rewards", &options.paid_rewards.to_string())).await?;
    base.fill("VACUUM ANALYZE").await?;
    let scope = AccountScope::whole(shop.account_id);
    drop(base);
    let (mut frozen, mut executed, mut ours, mut raw) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let url = ground.create("bench_payouts_raw", Some("bench_payouts")).await?;
        let by_hand = Base::open(url).await?;
        ground.settle().await?;
        let began = Instant::now();
        by_hand.fill(RAW).await?;
        raw.push(began.elapsed().as_secs_f64());
        drop(by_hand);
        let url = ground.create("bench_payouts_ours", Some("bench_payouts")).await?;
        let base = Base::open(url).await?;
        ground.settle().await?;
        let (freeze, execute) = pay(&base, &scope, shop.program_id).await?;
        println!(
            "w6 round {round}: raw {:.1} s, frozen {freeze:.1} s, executed {execute:.1} s",
            raw[round - 1]
        );
        frozen.push(freeze);
        executed.push(execute);
        ours.push(freeze + execute);
    }
    let title = format!("W6: {} rewards paid to {} partners", options.paid_rewards, options.paid_partners);
    let mut table = Table::new(&title);
    table.line("seconds, as SQL by hand", raw.clone(), 1);
    table.line("seconds, frozen in ranges", frozen, 1);
    table.line("seconds, executed in ranges, all paid", executed, 1);
    table.ratio("both : SQL by hand", (&ours, &raw), "at most 2");
    table.line("memory of this process at its peak, MB", vec![peak()], 0);
    Ok(table)
}

/// Seconds of freezing and of executing.
async fn pay(base: &Base, scope: &AccountScope, program_id: ProgramId) -> anyhow::Result<(f64, f64)> {
    let act = Act::of_system(base.clock.now(), IdSource::from_system()?);
    let conn = &mut *base.db.get().await?;
    let new = NewBatch::over(Rail::StoreCredit, program_id);
    let began = Instant::now();
    let batch = PayoutBatch::create(conn, scope, &new, "w6", &act).await?;
    let freeze = FreezeBatch { account_id: scope.account_id, batch_id: batch.id };
    let mut batch = batch;
    while batch.status == BatchStatus::Draft {
        conn.transaction(async |conn| PayoutBatch::freeze_range(conn, &freeze, &act).await).await?;
        batch = find(conn, scope, &batch).await?;
    }
    let frozen = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let (batch_id, confirmed_total) = (batch.id, batch.total_money());
    let said = Execution { batch_id, confirmed_total, idempotency_key: "w6".to_owned() };
    PayoutBatch::execute(conn, scope, &said, &act).await?;
    let execute = ExecuteBatch { account_id: scope.account_id, batch_id };
    while batch.status != BatchStatus::Completed {
        conn.transaction(async |conn| PayoutBatch::execute_range(conn, &execute, &act).await).await?;
        batch = find(conn, scope, &batch).await?;
    }
    let executed = began.elapsed().as_secs_f64();
    let findings = verify(conn, act.now).await?;
    let broken: Vec<_> =
        findings.iter().filter(|one| one.check == "V4").flat_map(|one| &one.violations).collect();
    ensure!(broken.is_empty(), "{broken:?}");
    Ok((frozen, executed))
}

async fn find(
    conn: &mut diesel_async::AsyncPgConnection,
    scope: &AccountScope,
    batch: &PayoutBatch,
) -> anyhow::Result<PayoutBatch> {
    let found = PayoutBatch::find(conn, scope, batch.id).await?;
    found.ok_or_else(|| anyhow::anyhow!("the batch is gone"))
}

/// In megabytes; 0 where the system does not tell.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1_000.0
}
