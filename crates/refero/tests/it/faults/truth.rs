//! What holds when all is at rest again.

use std::{collections::BTreeMap, time::Duration};

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use domain::{
    clock::Clock,
    db::{Db, DbConfig},
    verify::verify,
};
use test_support::TestApp;
use tokio::time::sleep;

use super::load::{Journal, Load, Seen};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Sale {
    #[diesel(sql_type = Text)]
    program: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    reward: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
}

/// A connection of its own: those of the app's pool may have been cut.
async fn connect(app: &TestApp) -> AsyncPgConnection {
    AsyncPgConnection::establish(&app.database.url).await.unwrap()
}

/// What `refero verify` checks holds.
pub async fn is_verified(app: &TestApp) {
    let clock = Clock::start(&Db::new(&DbConfig::for_testing(&app.database.url)).unwrap()).await.unwrap();
    for finding in verify(&mut connect(app).await, clock.now()).await.unwrap() {
        assert_eq!(finding.violations, Vec::<String>::new(), "{} {}", finding.check, finding.about);
    }
}

pub async fn nothing_is_dead(app: &TestApp) {
    let dead = count(app, "SELECT count(*) FROM job_history WHERE state = 'dead'").await;
    assert_eq!(dead, 0, "no job is dead: the faults are none of theirs");
}

pub async fn count(app: &TestApp, sql: &str) -> i64 {
    let row: Count = diesel::sql_query(sql).get_result(&mut connect(app).await).await.unwrap();
    row.count
}

/// Waits until every event has its place and no job waits or runs, then checks all that was promised.
pub async fn holds(app: &TestApp, load: &Load, journal: &Journal) {
    until_at_rest(app).await;
    assert_eq!(u64::try_from(journal.len()).unwrap(), load.sales, "every sale was acknowledged");
    is_verified(app).await;
    sales_are_those_of_the_journal(app, load, journal).await;
    nothing_is_dead(app).await;
    let unsent =
        count(app, "SELECT count(*) FROM email_messages WHERE status NOT IN ('SENT', 'DROPPED')").await;
    assert_eq!(unsent, 0, "every intended email is sent, or had no use any more");
    let intended =
        "SELECT count(*) FROM email_messages WHERE template IN ('sale_recorded', 'reward_created')";
    let rewards = count(app, "SELECT count(*) FROM rewards").await;
    let owners_and_partners = i64::try_from(load.sales).unwrap() + rewards;
    assert_eq!(count(app, intended).await, owners_and_partners, "one email per sale and one per reward");
    // The app's own clock stands long before these jobs: what they left is theirs.
    app.leave_jobs();
}

/// Each sale is there once, under the id that was acknowledged, with its fifth rounded half to even or the reason why not.
async fn sales_are_those_of_the_journal(app: &TestApp, load: &Load, journal: &Journal) {
    let sql = "SELECT p.id::text AS program, t.key, t.net, r.amount AS reward, n.reason FROM transactions t \
         JOIN programs p ON p.id = t.program_id LEFT JOIN rewards r ON r.transaction_id = t.id \
         LEFT JOIN non_rewards n ON n.transaction_id = t.id";
    let sales: Vec<Sale> = diesel::sql_query(sql).load(&mut connect(app).await).await.unwrap();
    assert_eq!(u64::try_from(sales.len()).unwrap(), load.sales, "each sale is there once");
    let programs: BTreeMap<String, _> =
        load.programs.iter().map(|id| (ids::TypedId::uuid(*id).to_string(), *id)).collect();
    for sale in sales {
        let number: u64 = sale.key.trim_start_matches("sale-").parse().unwrap();
        assert!(
            journal.contains_key(&(programs[&sale.program], sale.key.clone())),
            "{} was acknowledged",
            sale.key
        );
        // Customers from 20 on came through nobody.
        let expected =
            if number % 23 < 20 { (Some(fifth(sale.net)), None) } else { (None, Some("NO_ATTRIBUTION")) };
        assert_eq!((sale.reward, sale.reason.as_deref()), expected, "{} of {}", sale.key, sale.net);
    }
}

/// 20 % of an amount of minor units; a fifth is never half way between two of them.
fn fifth(net: i64) -> i64 {
    (net * 2 + 5) / 10
}

pub async fn until_at_rest(app: &TestApp) {
    let sql = "SELECT (SELECT count(*) FROM events WHERE position IS NULL) + (SELECT count(*) FROM jobs WHERE \
         kind <> 'rewards.release_due' AND (state <> 'scheduled' OR attempt > 0)) AS count";
    let started = std::time::Instant::now();
    let mut left = 0;
    while started.elapsed() < Duration::from_secs(150) {
        left = count(app, sql).await;
        if left == 0 {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("{left} events and jobs are still under way after 150 s");
}

/// The reader saw every event of the account once, in the order of the positions.
pub async fn saw_everything_once(app: &TestApp, seen: &Seen) {
    assert!(seen.windows(2).all(|pair| pair[0].1 < pair[1].1), "positions rise, and nothing is seen twice");
    let all = count(app, "SELECT count(*) FROM events WHERE position IS NOT NULL").await;
    assert_eq!(i64::try_from(seen.len()).unwrap(), all, "nothing is left out");
    let last = count(app, "SELECT max(position) AS count FROM events").await;
    assert_eq!(last, all, "the positions have no hole");
}

/// Ends every connection to the test's database but this one; answers how many there were.
pub async fn cut_connections(app: &TestApp) -> i64 {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    count(app, sql).await
}
