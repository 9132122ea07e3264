//! `refero doctor` against real servers, whole and broken.

use std::{collections::HashMap, process::Output};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use mailer::test_server::{Behaviour, SmtpServer, Step};
use serde_json::Value;

use crate::{
    faults::RedisServer,
    serving::{Serving, Surroundings, ended, refero},
};

/// What the doctor says: its exit code, and each check's verdict and words.
struct Said {
    code: Option<i32>,
    checks: HashMap<String, (String, String)>,
}

impl Said {
    fn of(output: &Output) -> Self {
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
        });
        let word = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
        let checks = shown["checks"].as_array().unwrap().iter();
        let checks =
            checks.map(|check| (word(check, "check"), (word(check, "verdict"), word(check, "found"))));
        Self { code: output.status.code(), checks: checks.collect() }
    }

    #[track_caller]
    fn shows(&self, check: &str, verdict: &str, words: &str) {
        let (found_verdict, found) = &self.checks[check];
        assert!(found_verdict == verdict && found.contains(words), "{check}: {found_verdict} {found}");
    }
}

/// The doctor, with some keys of the environment changed.
fn examine(around: &Surroundings, changes: &[(&str, &str)]) -> Said {
    let mut command = around.refero(&["doctor", "--json"]);
    Said::of(&command.envs(changes.iter().copied()).output().unwrap())
}

async fn sql(around: &Surroundings, sql: &str) {
    let mut conn = AsyncPgConnection::establish(&around.database.url).await.unwrap();
    conn.batch_execute(sql).await.unwrap();
}

async fn migrated() -> Surroundings {
    let around = Surroundings::new().await;
    let (code, said) = ended(&around.refero(&["migrate"]).output().unwrap());
    assert_eq!(code, Some(0), "{said}");
    around
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_works_has_nothing_to_mend() {
    let serving = Serving::start().await;
    serving.until_shown("/metrics", "refero_queue_jobs{").await;
    let said = examine(&serving.around, &[]);
    let wrong: Vec<_> = said.checks.iter().filter(|(_, (verdict, _))| verdict != "OK").collect();
    assert!(wrong.is_empty() && said.code == Some(0), "{wrong:?}");
    said.shows("workers", "OK", "1 alive");
    said.shows("mail", "OK", "reach nobody");
    said.shows("clocks", "OK", "Redis");
    said.shows("payout rails", "OK", "SEPA_FILE, other files and by hand; not set up: PAYPAL");
    let table = serving.around.refero(&["doctor"]).output().unwrap();
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.starts_with("OK    secret key"), "{table}");
    assert!(table.contains("checks: 0 failed, 0 to look at."), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_away_fails_by_itself_and_keeps_no_other_check() {
    let around = migrated().await;
    let said = examine(&around, &[("REDIS_URL", "redis://127.0.0.1:1")]);
    assert_eq!(said.code, Some(1));
    said.shows("redis", "FAIL", "");
    said.shows("postgresql", "OK", "answers");
    said.shows("events", "OK", "0 without");
    said.shows("clocks", "OK", "Redis unknown");
    let said = examine(&around, &[("DATABASE_URL", "postgres://refero@127.0.0.1:1/refero")]);
    assert_eq!(said.code, Some(1));
    said.shows("postgresql", "FAIL", "");
    said.shows("work", "WARN", "PostgreSQL");
    said.shows("redis memory", "OK", "noeviction");
    let said = examine(&around, &[("REFERO_SECRET_KEY", "short"), ("PUBLIC_URL", "http://refero.example")]);
    said.shows("secret key", "FAIL", "REFERO_SECRET_KEY");
    said.shows("configuration", "FAIL", "PUBLIC_URL");
    said.shows("postgresql", "OK", "answers");
    let none = Said::of(&refero(&["doctor", "--json"], &[]).output().unwrap());
    assert_eq!(none.code, Some(1));
    none.shows("secret key", "FAIL", "must be set");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_evicts_fails() {
    let (around, redis) = (migrated().await, RedisServer::start().await);
    examine(&around, &[("REDIS_URL", &redis.url)]).shows("redis memory", "OK", "policy noeviction");
    redis.configure("maxmemory-policy", "allkeys-lru").await;
    let said = examine(&around, &[("REDIS_URL", &redis.url)]);
    said.shows("redis memory", "FAIL", "policy allkeys-lru");
    said.shows("redis", "OK", "answers");
    assert_eq!(said.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_is_greeted_and_sent_nothing() {
    let (around, smtp) = (migrated().await, SmtpServer::start().await.unwrap());
    let url = smtp.url().replace("smtp://", "smtp://refero:secret@");
    let mail = [("SMTP_URL", url.as_str()), ("MAIL_DIR", ""), ("MAIL_FROM", "no-reply@refero.example")];
    examine(&around, &mail).shows("mail", "OK", "logged in as refero");
    smtp.behave(Behaviour::Answer(Step::Auth, 535));
    let said = examine(&around, &mail);
    said.shows("mail", "FAIL", "535");
    assert!(!said.checks["mail"].1.contains("secret"));
    smtp.behave(Behaviour::Answer(Step::Greeting, 554));
    examine(&around, &mail).shows("mail", "FAIL", "554");
    assert_eq!(smtp.journal().len(), 0);
    smtp.stop().await;
    examine(&around, &mail).shows("mail", "FAIL", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_migrations_fail_and_newer_ones_are_told() {
    let around = Surroundings::new().await;
    let said = examine(&around, &[]);
    said.shows("migrations", "FAIL", "are pending, from 2026");
    said.shows("work", "WARN", "migrations");
    assert_eq!(said.code, Some(1));
    assert!(around.refero(&["migrate"]).output().unwrap().status.success());
    sql(&around, "INSERT INTO __diesel_schema_migrations VALUES ('29990101000000', now())").await;
    let said = examine(&around, &[]);
    said.shows("migrations", "WARN", "29990101000000");
    said.shows("workers", "WARN", "0 alive");
    assert_eq!(said.code, Some(0), "a warning is no failure");
}

/// Nobody works: what was recorded waits, and each part that waits is named.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_works_off_is_named() {
    let around = migrated().await;
    let rows = "
        INSERT INTO accounts VALUES ('01930000-0000-7000-8000-000000000001', 'A', 'EUR', 'UTC', NULL, 'en', 'ACTIVE', now(), now());
        INSERT INTO programs SELECT ('01930000-0000-7000-8000-00000000000' || n)::uuid, '01930000-0000-7000-8000-000000000001', 'AFFILIATE',
            'ACTIVE', 'P', 'p' || n, NULL, 'EUR', 'UTC', 'KEEP', 'via', 'QUERY', 'LAST_CLICK', 30, true, 30, NULL, now(), now()
        FROM generate_series(2, 3) n;
        INSERT INTO reward_cursors (program_id, account_id, position) SELECT id, account_id, 0 FROM programs;
        UPDATE reward_cursors SET stopped_position = 1, stopped_why = 'x', stopped_at = now() - interval '3 hours'
        WHERE program_id = '01930000-0000-7000-8000-000000000003';
        INSERT INTO events (id, account_id, program_id, kind, subject, actor, payload, at, position)
        SELECT gen_random_uuid(), account_id, id, 'transaction.recorded', 'trx', 'system', '{}', now() - interval '5 minutes', 1
        FROM programs WHERE slug = 'p2';
        INSERT INTO events (id, account_id, program_id, kind, subject, actor, payload, at)
        SELECT gen_random_uuid(), account_id, id, 'program.updated', 'prg', 'system', '{}', now() - interval '2 minutes' FROM programs;
        INSERT INTO jobs (id, queue, kind, args, state, run_at, attempt, max_attempts, lease_until, lease_token, created_at)
        VALUES (gen_random_uuid(), 'emails', 'emails.send', '{}', 'running', now(), 1, 3, now() - interval '5 minutes',
            gen_random_uuid(), now()),
            (gen_random_uuid(), 'emails', 'emails.send', '{}', 'ready', now() - interval '10 minutes', 0, 3, NULL, NULL, now());
        INSERT INTO job_history (id, queue, kind, args, priority, state, run_at, attempt, max_attempts, crashes_alone, errors,
            created_at, finished_at)
        VALUES (gen_random_uuid(), 'rewards', 'rewards.compute', '{}', 0, 'dead', now(), 1, 1, 0, '[]', now(), now());
        INSERT INTO job_schedules VALUES ('rewards.release_due', 60, now() - interval '1 hour', NULL);
        INSERT INTO stat_deltas (account_id, program_id, day, hour, currency, applications, partners, signups, paying_customers,
            sales, revenue, rewards)
        SELECT account_id, id, now()::date, date_trunc('hour', now()), 'EUR', 0, 0, 0, 0, 1, 100, 0
        FROM programs, generate_series(1, 10000);
        INSERT INTO queue_pauses VALUES ('stats', now(), 'system');";
    sql(&around, rows).await;
    let said = examine(&around, &[]);
    assert_eq!(said.code, Some(1));
    said.shows("events", "FAIL", "2 without a position, the oldest for 2 min");
    said.shows("rewards", "FAIL", "1 programs with facts to evaluate, the oldest for 5 min");
    said.shows(
        "stopped programs",
        "FAIL",
        "1 stand before a fact that cannot be computed, the first for 3 h",
    );
    said.shows("figures", "WARN", "20000 deltas to fold");
    said.shows("schedules", "FAIL", "rewards.release_due for 60 min");
    said.shows("leases", "FAIL", "1 running jobs");
    said.shows("workers", "FAIL", "0 alive, none for");
    said.shows("paused queues", "WARN", "stats");
    said.shows("due jobs", "WARN", "1 wait, the oldest for 10 min in emails");
    said.shows("dead jobs", "WARN", "1 rewards");
}
