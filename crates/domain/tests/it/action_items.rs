use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::SimpleAsyncConnection;
use domain::{
    action_items::{ActionItem, ActionItemKind as K, COUNTED_AT_MOST},
    partners::{Entry, NewPartner, Partner},
    scope::AccountScope,
    setup::SetupStep,
    team::Permission as P,
    terms::{DraftTerms, SelfReferral},
};
use ids::TypedId;

use crate::{
    partners::{account, person, program},
    shop::{Shop, customer, days, percent, sale},
};

/// `KIND count program amounts`, in the order of the overview; `here` is the shop's program.
async fn open(shop: &Shop, scope: &AccountScope, kinds: &[K]) -> Vec<String> {
    let conn = &mut *shop.world.conn().await;
    let items = ActionItem::open(conn, scope, kinds, 100, shop.world.now).await.unwrap();
    let shown = items.iter().map(|item| {
        let program = item.program_id.map_or("", |id| if id == shop.program.id { " here" } else { " there" });
        let amounts: String = item.amounts.iter().map(|amount| format!(" {amount}")).collect();
        format!("{} {}{program}{amounts}", item.kind, item.count)
    });
    shown.collect()
}

async fn all(shop: &Shop) -> Vec<String> {
    open(shop, &shop.scope, K::ALL).await
}

/// What waits among everything else, as SQL: emails, dead jobs and a stopped program come about by accidents.
fn accidents(shop: &Shop) -> String {
    let account = shop.scope.account_id.uuid();
    format!(
        "INSERT INTO email_messages (id, account_id, template, recipient, subject, dedupe_key, status, created_at, updated_at)
         SELECT gen_random_uuid(), '{account}', t, 'x', 'x', 'k' || n, s, now(), '2026-11-22T12:00:00Z'::timestamptz - a
         FROM (VALUES (1, 'reward_created', 'FAILED', interval '1 day'), (2, 'reward_created', 'FAILED', '8 days'),
             (3, 'invite', 'BOUNCED', '1 hour'), (4, 'reward_created', 'BOUNCED', '6 days'),
             (5, 'reward_created', 'BOUNCED', '2 days'), (6, 'reward_created', 'SENT', '1 hour'),
             (7, 'reward_created', 'DROPPED', '1 hour')) v (n, t, s, a);
         INSERT INTO job_history (id, account_id, queue, kind, args, priority, state, run_at, attempt, max_attempts,
             crashes_alone, errors, created_at, finished_at)
         SELECT gen_random_uuid(), a, 'emails', 'emails.none', '{{}}', 0, s, now(), 1, 1, 0, '[]', now(), '2026-11-21T12:00:00Z'
         FROM (VALUES ('{account}'::uuid, 'dead'), ('{account}', 'cancelled'), ('{account}', 'done'), (NULL, 'dead')) v (a, s);
         UPDATE reward_cursors SET stopped_position = 1, stopped_why = 'x', stopped_at = '2026-11-22T11:00:00Z'"
    )
}

#[tokio::test]
async fn what_waits_is_found_the_most_urgent_first() {
    let shop = Shop::open_with(&DraftTerms { self_referral: SelfReferral::Review, ..percent("30") }).await;
    assert_eq!(all(&shop).await, ["TRACKING_NOT_SEEN 1 here"]);
    let jane = shop.partner("jane").await;
    let own = domain::customers::CustomerUpsert {
        email: Some("jane@example.com".to_owned()),
        touch: Some(domain::attribution::Touch::Partner(jane.id)),
        ..customer(shop.program.id, "herself")
    };
    shop.upsert(&own).await.unwrap();
    assert_eq!(all(&shop).await, Vec::<String>::new());
    for key in ["s1", "s2"] {
        shop.record(&sale(key, "herself", 100)).await;
    }
    shop.settle().await;
    for name in ["ada", "bob", "eve"] {
        let applicant = NewPartner {
            entry: Entry::Application,
            ..person(shop.program.id, &format!("{name}@example.com"))
        };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Partner::create(conn, &shop.scope, &applicant, &act).await.unwrap();
    }
    shop.world.execute(&accidents(&shop)).await;
    program(&shop.world, &shop.scope, "Second").await;
    let expected = [
        "PROGRAM_STOPPED 1 here",
        "JOBS_DEAD 1",
        "EMAILS_FAILED 1",
        "REWARDS_TO_REVIEW 2 here 0.60 USD",
        "APPLICATIONS_TO_REVIEW 3 here",
        "EMAILS_BOUNCED 2",
        "PROGRAM_WITHOUT_TERMS 1 there",
    ];
    assert_eq!(all(&shop).await, expected);
    assert_eq!(open(&shop, &shop.scope, &[K::JobsDead, K::EmailsFailed]).await, expected[1..3]);
    assert_eq!(open(&shop, &shop.scope, &[]).await, Vec::<String>::new());
    let here = AccountScope::limited(shop.scope.account_id, vec![shop.program.id]);
    let of_programs: Vec<K> = K::ALL.iter().copied().filter(|kind| kind.is_shown_to(&here, P::ALL)).collect();
    assert_eq!(open(&shop, &here, &of_programs).await, [expected[0], expected[3], expected[4]]);
    let stranger = account(&shop.world).await;
    assert_eq!(open(&shop, &stranger, K::ALL).await, Vec::<String>::new());
    let beside = AccountScope::limited(stranger.account_id, vec![shop.program.id]);
    assert_eq!(open(&shop, &beside, K::ALL).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_draft_with_terms_only_lacks_its_activation() {
    let mut shop = Shop::empty().await;
    assert_eq!(all(&shop).await, ["PROGRAM_WITHOUT_TERMS 1 here"]);
    shop.publish(&percent("10"), None).await;
    assert_eq!(all(&shop).await, ["PROGRAM_IN_DRAFT 1 here"]);
    shop.program = shop.transition(domain::programs::Transition::Activate).await;
    assert_eq!(all(&shop).await, ["TRACKING_NOT_SEEN 1 here"]);
    let conn = &mut *shop.world.conn().await;
    let items = ActionItem::open(conn, &shop.scope, K::ALL, 100, shop.world.now).await.unwrap();
    assert_eq!(items[0].oldest_at, shop.world.now);
}

#[tokio::test]
async fn counting_stops_at_ten_thousand() {
    let mut shop = Shop::open().await;
    shop.world.pass(days(1));
    shop.world.execute(&history(&shop, 1..=10_100)).await;
    shop.world.execute("UPDATE partners SET status = 'PENDING'").await;
    let conn = &mut *shop.world.conn().await;
    let kinds = [K::ApplicationsToReview];
    let items = ActionItem::open(conn, &shop.scope, &kinds, 100, shop.world.now).await.unwrap();
    assert_eq!(items[0].count, COUNTED_AT_MOST);
    assert_eq!(items[0].oldest_at, "2026-01-01T00:00:01Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
}

/// Partners, customers, sales, rewards, emails and jobs of these numbers, of which nothing is open.
fn history(shop: &Shop, numbers: std::ops::RangeInclusive<usize>) -> String {
    let (account, program) = (shop.scope.account_id.uuid(), shop.program.id.uuid());
    let at = "'2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second'";
    let ids = "(md5('{}' || n))::uuid";
    let id = |noun: &str| ids.replace("{}", noun);
    let numbers = format!("FROM generate_series({}, {}) n", numbers.start(), numbers.end());
    let (partner, customer, trx) = (id("prt"), id("cus"), id("trx"));
    format!(
        "INSERT INTO partner_profiles SELECT {partner}, '{account}', n || '@x.example', '', NULL, {at}, {at} {numbers};
         INSERT INTO partners SELECT {partner}, '{account}', '{program}', {partner}, 'p' || n, 'APPROVED', NULL, '{{}}', NULL, NULL, {at}, {at} {numbers};
         INSERT INTO customers SELECT {customer}, '{account}', '{program}', 'c' || n, NULL, NULL, NULL, '{{}}', 'ACTIVE', {at}, {at}, {at}, {at} {numbers};
         INSERT INTO transactions SELECT {trx}, '{account}', '{program}', {customer}, 't' || n, 'USD', 100, 0, 0, 100, NULL, true, {at},
             '\\x00', {at} {numbers};
         INSERT INTO rewards SELECT {trx}, '{account}', '{program}', {partner}, NULL, {customer}, {trx}, 'SALE', {trx},
             (SELECT id FROM terms LIMIT 1), 'base', 0, NULL, 1, 'USD', 30, 30, 'HALF_EVEN', false, '[]', false, '{{}}', 'AVAILABLE',
             false, {at}, {at}, 30, {at}, NULL, {at}, {at} {numbers};
         INSERT INTO email_messages SELECT {trx}, '{account}', 'reward_created', 'x', 'x', 'h' || n, 'SENT', 1, NULL, {at}, {at}, {at} {numbers};
         INSERT INTO job_history SELECT {trx}, '{account}', 'emails', 'emails.send', '{{}}', NULL, 0,
             CASE n % 10 WHEN 0 THEN 'cancelled' ELSE 'done' END, {at}, 1, 1, 0, '[]', NULL, NULL, {at}, NULL, {at}, {at} {numbers};"
    )
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    pages: i64,
}

/// Pages of tables and indexes that everybody has read.
async fn pages(conn: &mut diesel_async::AsyncPgConnection) -> i64 {
    // In scope here only: its `execute` would hide the world's.
    use diesel_async::RunQueryDsl;
    conn.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    let sql = "SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))::bigint AS pages \
               FROM pg_statio_user_tables";
    sql_query(sql).get_result::<Read>(conn).await.unwrap().pages
}

/// What is open is the same before and after; a hundred times the history must not be read for it.
#[tokio::test]
async fn an_overview_reads_what_is_open_and_no_history() {
    const STILL: &str = "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' \
        AND relnamespace = 'public'::regnamespace LOOP EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', t); \
        END LOOP; END $$";
    let shop = Shop::open().await;
    // Whoever cleans up reads pages too.
    shop.world.execute(STILL).await;
    shop.partner("jane").await;
    shop.world.execute(&accidents(&shop)).await;
    shop.world.execute("UPDATE partners SET status = 'PENDING'").await;
    let mut read = Vec::new();
    for numbers in [1..=200, 201..=20_000] {
        shop.world.execute(&history(&shop, numbers)).await;
        shop.world.execute("VACUUM ANALYZE").await;
        let conn = &mut *shop.world.conn().await;
        // Until the plan is the one that is kept.
        for _ in 0..6 {
            ActionItem::open(conn, &shop.scope, K::ALL, 100, shop.world.now).await.unwrap();
            SetupStep::all(conn, &shop.scope).await.unwrap();
        }
        let before = pages(conn).await;
        let open = ActionItem::open(conn, &shop.scope, K::ALL, 100, shop.world.now).await.unwrap();
        SetupStep::all(conn, &shop.scope).await.unwrap();
        read.push(pages(conn).await - before);
        assert_eq!(open.len(), 5, "{open:?}");
    }
    assert!(read[0] > 0 && read[1] <= read[0] + 25 && read[1] < 150, "{read:?} pages");
}

/// The keys of the steps that are done.
async fn done(shop: &Shop, scope: &AccountScope) -> String {
    let steps = SetupStep::all(&mut *shop.world.conn().await, scope).await.unwrap();
    let done = steps.iter().filter(|step| step.is_done).map(|step| step.key.as_str());
    done.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn setting_up_goes_from_step_to_step() {
    let mut shop = Shop::empty().await;
    shop.world.execute("UPDATE accounts SET country = NULL").await;
    assert_eq!(done(&shop, &shop.scope).await, "PROGRAM_CREATED");
    shop.publish(&percent("10"), None).await;
    shop.world.execute("UPDATE accounts SET country = 'DE'").await;
    shop.program = shop.transition(domain::programs::Transition::Activate).await;
    assert_eq!(
        done(&shop, &shop.scope).await,
        "ACCOUNT_DESCRIBED PROGRAM_CREATED TERMS_PUBLISHED PROGRAM_ACTIVATED"
    );
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let seen = done(&shop, &shop.scope).await;
    assert!(seen.ends_with("PARTNER_ADDED LINK_CREATED CUSTOMER_SEEN"), "{seen}");
    shop.record(&sale("s", "c", 100)).await;
    let seen = done(&shop, &shop.scope).await;
    assert!(seen.ends_with("SALE_SEEN"), "{seen}");
    let second = program(&shop.world, &shop.scope, "Second").await;
    let there = AccountScope::limited(shop.scope.account_id, vec![second.id]);
    assert_eq!(done(&shop, &there).await, "ACCOUNT_DESCRIBED PROGRAM_CREATED");
    let stranger = account(&shop.world).await;
    let beside = AccountScope::limited(stranger.account_id, vec![shop.program.id]);
    let seen = done(&shop, &beside).await;
    assert!(!seen.contains("PROGRAM"), "{seen}");
}
