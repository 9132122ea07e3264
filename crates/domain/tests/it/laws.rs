//! Conventions of the domain as tests: each says what breaks it, and the mend.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use test_database::TestDatabase;

use crate::sources;

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

/// Tables without an account of their own, each with its reason.
const OF_NO_ACCOUNT: [&str; 9] = [
    "users",         // a person may be a member of many accounts
    "sessions",      // a user's
    "event_counter", // one row for the instance
    "job_schedules", // the instance's
    "queue_minutes", // the instance's
    "queue_pauses",  // the instance's
    "queue_workers", // the instance's
    "jobs",          // account_id is null for the system's, and no key: a job may outlive its account
    "job_history",   // the same, partitioned
];

#[tokio::test]
async fn every_table_belongs_to_an_account() {
    let database = TestDatabase::create().await.unwrap();
    let found = lines(
        &database.url,
        "SELECT c.relname::text AS line FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace \
         AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('accounts', '__diesel_schema_migrations') \
         AND NOT EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) \
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attname = 'account_id') ORDER BY 1",
    )
    .await;
    let stray: Vec<_> = found.iter().filter(|table| !OF_NO_ACCOUNT.contains(&table.as_str())).collect();
    assert!(
        stray.is_empty(),
        "{stray:?} carry no account_id with a foreign key: add it, or the table and its reason to OF_NO_ACCOUNT"
    );
    assert_eq!(
        found.len(),
        OF_NO_ACCOUNT.len(),
        "OF_NO_ACCOUNT names a table that belongs to an account by now"
    );
}

#[tokio::test]
async fn every_foreign_key_is_composite() {
    let database = TestDatabase::create().await.unwrap();
    let loose = lines(
        &database.url,
        "SELECT format('%s.%s', k.conrelid::regclass, k.conname) AS line FROM pg_constraint k \
         JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attname = 'account_id' \
         WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS pair (here, there) \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here AND a.attname = 'account_id' \
         WHERE pair.there = t.attnum) ORDER BY 1",
    )
    .await;
    assert!(
        loose.is_empty(),
        "{loose:?} could point into another account: reference (account_id, id) by (account_id, x_id)"
    );
}

/// Foreign keys that no index covers, each with its reason.
const UNINDEXED: [&str; 2] = [
    // Written more often than anything else; accounts and programs are never deleted, and readers use the partial
    // indexes of what has a position.
    "events.events_account_id_fkey",
    "events.events_account_id_program_id_fkey",
];

/// By its first two columns, account and id: a third one (a currency) tells nothing more.
#[tokio::test]
async fn every_foreign_key_is_indexed() {
    let database = TestDatabase::create().await.unwrap();
    let found = lines(
        &database.url,
        "SELECT format('%s.%s', k.conrelid::regclass, k.conname) AS line FROM pg_constraint k \
         WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (SELECT FROM pg_index i \
         WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL \
         AND (i.indkey::int2[])[0:least(cardinality(k.conkey), 2) - 1] <@ k.conkey) ORDER BY 1",
    )
    .await;
    let slow: Vec<_> = found.iter().filter(|key| !UNINDEXED.contains(&key.as_str())).collect();
    assert!(
        slow.is_empty(),
        "{slow:?} have no index that begins with their columns: create one, or name key and reason in UNINDEXED"
    );
    assert_eq!(found.len(), UNINDEXED.len(), "UNINDEXED names a key that is indexed by now");
}

const CATALOGUE: &str = "\
    SELECT format('column %s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, \
           (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum)) AS line \
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0 \
    AND NOT attisdropped AND relkind IN ('r', 'p') AND relname <> '__diesel_schema_migrations' \
    UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '__diesel_schema_migrations' \
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations' \
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1";

/// The migrations run in a thread of their own: their harness blocks.
#[tokio::test(flavor = "multi_thread")]
async fn every_migration_reverts() {
    let database = TestDatabase::blank().await.unwrap();
    domain::db::migrate(&database.url).await.unwrap();
    let up = lines(&database.url, CATALOGUE).await;
    domain::db::revert_all(&database.url).await.unwrap();
    let left = lines(&database.url, CATALOGUE).await;
    assert!(left.is_empty(), "down.sql leaves something behind: drop it there too\n{}", left.join("\n"));
    domain::db::migrate(&database.url).await.unwrap();
    let again = lines(&database.url, CATALOGUE).await;
    let lost: Vec<_> = up.iter().filter(|line| !again.contains(line)).collect();
    assert_eq!(up.len(), again.len(), "up, down, up makes another schema; missing afterwards: {lost:#?}");
    assert!(lost.is_empty(), "up, down, up makes another schema: {lost:#?}");
}

/// From left to right: a concept may use those of its own group and of the groups before it.
const ORDER: [&[&str]; 19] = [
    &["events", "audit", "idempotency", "files"],
    &["accounts", "users", "api_keys", "team", "billing"],
    &["ledger", "rates", "deltas"],
    &["programs", "groups", "terms"],
    &["partners"],
    &["links", "coupons", "clicks"],
    &["attribution"],
    &["customers"],
    &["transactions"],
    &["adjustments"],
    &["rewards"],
    &["redemptions", "payout_policies"],
    &["payout_methods"],
    &["payouts"],
    &["payout_batches"],
    &["statements", "self_billing_invoices"],
    &["stats", "emails", "webhooks", "operations"],
    &["simulations"],
    &["action_items", "setup", "usage"],
];

/// Arrows to the right that are meant: users belong to no account, so no event can cause their emails.
const EXCEPTIONS: [(&str, &str); 1] = [("users", "emails")];

#[test]
fn the_concept_arrows_hold() {
    let rank = |concept: &str| ORDER.iter().position(|group| group.contains(&concept));
    let mut wrong = Vec::new();
    for file in sources::of("src") {
        let Some(from) = file.concept().filter(|concept| rank(concept).is_some()) else { continue };
        for to in file.used_modules() {
            let is_right = rank(&to) > rank(&from) || to == "subscribers" || to == "verify";
            if is_right && !EXCEPTIONS.contains(&(from.as_str(), to.as_str())) {
                wrong.push(format!("{}: {from} -> {to}", file.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "concepts call only to their left (house.md): record an event and answer it in subscribers.rs\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_concept_has_its_place_in_the_order() {
    let ground = [
        "act",
        "calendar",
        "clock",
        "db",
        "page",
        "prepared",
        "schema",
        "scope",
        "text",
        "subscribers",
        "verify",
        "lib",
    ];
    let concepts = sources::of("src").into_iter().filter_map(|file| file.concept());
    let unknown: Vec<_> = concepts
        .filter(|concept| {
            !ground.contains(&concept.as_str())
                && !ORDER.iter().any(|group| group.contains(&concept.as_str()))
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:?} stand nowhere in ORDER: place them, here and in house.md");
}
