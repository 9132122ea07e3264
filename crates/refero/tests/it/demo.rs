//! The demo: everything happens in it, the same again for the same seed, whole or not at all, and nobody is told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use domain::{
    db::{Db, DbConfig},
    users::{Attempt, Passwords, Secrets, User},
};
use ids::IdSource;
use refero::demo::{Demo, LogIns, Refused, Size, Stage};
use test_support::{TestApp, TestDatabase};

use crate::serving::{KEY, Surroundings, ended};

const NOW: &str = "2026-11-26T10:00:00Z";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

async fn lines(url: &str, query: &str) -> Vec<String> {
    let mut conn = AsyncPgConnection::establish(url).await.unwrap();
    let rows: Vec<Line> = sql_query(query).load(&mut conn).await.unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

fn log_ins() -> LogIns {
    LogIns::with(|| "correct horse battery".to_owned())
}

async fn load(db: &Db, demo: Demo, now: DateTime<Utc>) -> anyhow::Result<ids::AccountId> {
    let (passwords, secrets) = (Passwords::for_testing().unwrap(), KEY.parse::<Secrets>().unwrap());
    let vault: vault::Vault = format!("k1:{}=", "A".repeat(43)).parse()?;
    let stage = Stage { db, passwords: &passwords, secrets: &secrets, vault: Some(&vault), now };
    Demo::load(&demo, &stage, &log_ins()).await
}

fn small(seed: u64) -> Demo {
    Demo { seed, size: Size::SMALL, beside: false }
}

/// What the seed decides: everything but secrets, what is made of them, and who called with a key.
const FIGURES: &str = "SELECT md5(string_agg(line, ',' ORDER BY line)) AS line FROM ( \
     SELECT id::text || key || status AS line FROM partners UNION ALL SELECT id::text || key || status FROM customers UNION ALL \
     SELECT id::text || slug FROM links UNION ALL SELECT id::text || key || net || occurred_at FROM transactions UNION ALL \
     SELECT id::text || amount || status || trace FROM rewards UNION ALL SELECT id::text || reason FROM non_rewards UNION ALL \
     SELECT id::text || amount || status FROM payouts UNION ALL SELECT id::text || total || status FROM payout_batches UNION ALL \
     SELECT id::text || status || rules FROM (SELECT id, coalesce(published_at::text, '-') AS status, rules FROM terms) t \
     UNION ALL SELECT id::text || email FROM users UNION ALL SELECT position::text || kind FROM events) everything";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_at_the_same_time_makes_the_same_company() {
    let now = NOW.parse().unwrap();
    let mut figures = Vec::new();
    for seed in [1, 1, 2] {
        let database = TestDatabase::create().await.unwrap();
        let db = Db::new(&DbConfig::for_testing(&database.url)).unwrap();
        load(&db, small(seed), now).await.unwrap();
        figures.push(lines(&database.url, FIGURES).await.remove(0));
        let again = load(&db, small(seed), now).await.unwrap_err();
        assert_eq!(again.downcast_ref(), Some(&Refused::Loaded));
    }
    assert_eq!(figures[0], figures[1]);
    assert_ne!(figures[0], figures[2]);
}

/// What happens on a day of the past depends on the hour: here something happens just as the day ends that has new terms behind it.
#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_loaded_at_an_hour_that_once_failed() {
    let now = "2026-11-26T17:26:32.787337Z".parse().unwrap();
    let database = TestDatabase::create().await.unwrap();
    let db = Db::new(&DbConfig::for_testing(&database.url)).unwrap();
    load(&db, small(1), now).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_happens_in_it_and_nobody_is_told() {
    let app = TestApp::builder().at(NOW).start().await;
    let now = app.clock.now();
    let refused = load(&app.db, small(1), now).await.unwrap_err();
    assert_eq!(refused.downcast_ref(), Some(&Refused::InUse), "somebody else's database");
    load(&app.db, Demo { beside: true, ..small(1) }, now).await.unwrap();
    app.run_jobs().await;

    let url = &app.database.url;
    let words = async |column: &str, table: &str| {
        let of = format!("FROM {table} JOIN accounts a ON a.id = account_id AND a.name = 'Crema Coffee'");
        lines(url, &format!("SELECT DISTINCT {column} AS line {of} ORDER BY 1")).await
    };
    assert_eq!(words("x.status", "partners x").await, ["APPROVED", "PENDING", "REJECTED", "SUSPENDED"]);
    let rewards = ["AVAILABLE", "HELD", "PAID", "PENDING_REVIEW", "REJECTED", "RESERVED", "REVERSED"];
    assert_eq!(words("x.status", "rewards x").await, rewards);
    assert_eq!(words("x.status", "customers x").await, ["ACTIVE", "LEAD"]);
    assert_eq!(words("x.role", "members x").await, ["ADMIN", "FINANCE", "MANAGER", "OWNER", "VIEWER"]);
    assert_eq!(words("x.status", "invites x").await, ["ACCEPTED", "PENDING"]);
    assert_eq!(words("x.currency", "programs x").await, ["EUR", "JPY", "USD"]);
    assert_eq!(words("x.number::text", "terms x").await, ["1", "2", "3"]);
    assert_eq!(
        words("x.reason", "non_rewards x").await,
        [
            "EXCLUDED",
            "NOTHING_PAID",
            "NO_ATTRIBUTION",
            "NO_RULE_MATCHED",
            "PARTNER_NOT_APPROVED",
            "RATE_MISSING",
            "ZERO_AMOUNT",
        ]
    );
    assert_eq!(words("x.status", "payout_batches x").await, ["AWAITING_APPROVAL", "PARTLY_FAILED"]);
    let payouts = ["BATCHED", "FAILED", "NEEDS_CHANGES", "PAID", "REQUESTED"];
    assert_eq!(words("x.status", "payouts x").await, payouts);
    let findings = domain::verify::verify(&mut *app.conn().await, now).await.unwrap();
    for finding in findings {
        assert_eq!(finding.violations, Vec::<String>::new(), "{} {}", finding.check, finding.about);
    }
    let count =
        async |rows: &str| lines(url, &format!("SELECT count(*)::text AS line FROM {rows}")).await.remove(0);
    assert_eq!(count("transactions").await, Size::SMALL.sales.to_string());
    let told = words("x.template", "email_messages x").await;
    assert!(told.is_empty(), "{told:?}");
    let ahead = format!("transactions WHERE greatest(occurred_at, created_at) > '{NOW}'");
    assert_eq!(count(&ahead).await, "0", "nothing is of the future");
    let member = Attempt {
        email: "viewer@crema.example".to_owned(),
        password: "correct horse battery".to_owned(),
        user_agent: None,
        replaces: None,
    };
    let keys = (&Passwords::for_testing().unwrap(), &KEY.parse().unwrap());
    let opened = User::log_in(&app.db, keys, &member, &app.act()).await.unwrap();
    assert_eq!(opened.user.name, "Vera Lind");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_there_whole_or_not_at_all() {
    let around = Surroundings::new().await;
    let (code, said) = ended(&around.refero(&["migrate"]).output().unwrap());
    assert_eq!(code, Some(0), "{said}");
    let url = around.database.url.clone();
    let mut seeding = around.refero(&["seed", "--demo"]).spawn().unwrap();
    // Its transaction has begun to write.
    let writes = "SELECT count(*)::text AS line FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
         WHERE relname = 'transactions' AND mode = 'RowExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while lines(&url, writes).await[0] == "0" {
        assert_eq!(seeding.try_wait().unwrap(), None, "it is at work");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    seeding.kill().unwrap();
    seeding.wait().unwrap();
    let empty = "SELECT (SELECT count(*) FROM accounts) || ' ' || (SELECT count(*) FROM events) AS line";
    assert_eq!(lines(&url, empty).await, ["0 0"]);

    let small = ["seed", "--demo", "--seed", "7", "--days", "60", "--partners", "20", "--sales", "100"];
    let loaded = around.refero(&small).output().unwrap();
    let shown = String::from_utf8_lossy(&loaded.stdout).into_owned();
    assert_eq!(loaded.status.code(), Some(0), "{}", ended(&loaded).1);
    let read = LogIns::parse(&shown).unwrap_or_else(|| panic!("{shown}"));
    assert!(read.0.iter().all(|log_in| log_in.password.len() == 20), "{shown}");
    let (code, said) = ended(&around.refero(&small).output().unwrap());
    assert_eq!((code, said.as_str()), (Some(2), "error: the database holds the demo already\n"));
    let (code, said) = ended(&around.refero(&["verify"]).output().unwrap());
    assert_eq!(code, Some(0), "{said}");
    assert!(LogIns::random(&IdSource::from_system().unwrap()).0[0].password != read.0[0].password);
}
