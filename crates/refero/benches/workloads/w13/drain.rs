use std::time::Instant;

use anyhow::{Context, ensure};
use domain::{
    act::Act,
    scope::AccountScope,
    transactions::{MOST_AT_ONCE, NewTransaction, Transaction},
};
use ids::IdSource;
use jobs::{ComputeRewardsHandler, Registry};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use super::Promise;
use crate::{
    figures::per_second,
    ground::{Base, Ground},
    options::Options,
    seed::{self, CUSTOMERS, Shop, customer_key},
    table::Table,
};

/// Calls at once that record.
const RECORDERS: usize = 4;
/// Spreads the sales over the customers without a pattern: a prime that does not divide their number.
const STRIDE: usize = 7_919;

/// Records all sales first and gives them their places; then the clock runs until the program's one writer has computed the
/// last of them. It has the machine for itself: no emails, no requests.
pub async fn measure(
    ground: &Ground,
    options: &Options,
    promise: Promise,
    table: &mut Table,
) -> anyhow::Result<()> {
    let base = ground.migrated("bench_w13_drain").await?;
    let shop = seed::shop_with(&base, &promise.offer(None)).await?;
    let sales = options.drained_sales;
    let begun = Instant::now();
    record(&base, &shop, sales).await?;
    let recorded = per_second(sales, begun.elapsed());
    let ids = IdSource::from_system()?;
    let begun = Instant::now();
    while domain::subscribers::sequence(&mut *base.db.get().await?, base.clock.now(), &ids).await? > 0 {}
    let sequenced = per_second(sales, begun.elapsed());
    base.fill("VACUUM ANALYZE").await?;
    ground.settle().await?;

    let registry =
        Registry::default().act(ComputeRewardsHandler { ids: ids.clone(), clock: base.clock.clone() });
    let begun = Instant::now();
    let mut runs = 0;
    loop {
        match jobs::run_due(&registry, &base.db, &ids, base.clock.now()).await? {
            0 => break,
            more => runs += more,
        }
    }
    let elapsed = begun.elapsed();
    let evaluated = base.count("SELECT count(*) FROM evaluations WHERE transaction_id IS NOT NULL").await?;
    ensure!(evaluated == sales as u64, "{evaluated} of {sales} sales were evaluated");
    let rewards = base.count("SELECT count(*) FROM rewards").await?;
    let rate = per_second(sales, elapsed);
    println!(
        "W13, {}: recorded {recorded:.0}/s, sequenced {sequenced:.0}/s, computed {rate:.0}/s in {runs} runs and {:.1} s: \
         {rewards} rewards",
        promise.word(),
        elapsed.as_secs_f64()
    );
    table.target(&format!("{}, sales/s", promise.word()), vec![rate], 0, "as W3");
    table.line(format!("{}, ms of a run of 500", promise.word()), vec![500_000.0 / rate], 0);
    Ok(())
}

/// Records sales by calls of as many as a call may have.
async fn record(base: &Base, shop: &Shop, sales: usize) -> anyhow::Result<()> {
    let ids = IdSource::from_system()?;
    let mut tasks = JoinSet::new();
    for first in 0..RECORDERS {
        let act = Act::of_system(base.clock.now(), ids.clone());
        let (db, shop) = (base.db.clone(), shop.clone());
        tasks.spawn(async move {
            let scope = AccountScope::whole(shop.account_id);
            let conn = &mut *db.get().await?;
            for call in (first..sales.div_ceil(MOST_AT_ONCE)).step_by(RECORDERS) {
                let numbers = call * MOST_AT_ONCE..sales.min((call + 1) * MOST_AT_ONCE);
                let said: Vec<NewTransaction> = numbers.map(sale).collect();
                let answers = Transaction::record_all(conn, &scope, shop.program_id, &said, &act).await?;
                ensure!(answers.iter().all(Result::is_ok), "a sale was refused");
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.context("a recorder panicked")??;
    }
    Ok(())
}

fn sale(number: usize) -> NewTransaction {
    let cents = i64::try_from(100 + number * STRIDE % 100_000).unwrap_or_default();
    NewTransaction {
        key: format!("drain-{number}"),
        customer_key: customer_key(number * STRIDE % CUSTOMERS),
        referring_customer_key: None,
        currency: money::Currency::USD,
        gross: Decimal::new(cents, 2),
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: None,
    }
}
