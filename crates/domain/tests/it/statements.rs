//! Statements against the ledger that they are made from.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use domain::{
    ledger::{Owner, TransferReason},
    partners::Partner,
    payout_batches::Rail,
    payouts::{Decision, Payout},
    rewards::{ManualReward, ReversalCause, Reward},
    scope::AccountScope,
    statements::{
        Course, Month, NewStatement, PaperStatus, Papers, RequestError, Statement, request_due_statements,
    },
};
use ids::{PartnerId, RewardId};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    partners::account,
    paying::{failed, paid, shop, somebody, uuid},
    reverse::change_in,
    shop::{Shop, days},
};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn of(partner_id: PartnerId, text: &str) -> NewStatement {
    NewStatement { partner_id, currency: Currency::USD, month: month(text) }
}

async fn request(shop: &Shop, said: &NewStatement) -> Result<Statement, RequestError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Statement::request(conn, &shop.scope, said, &act).await
}

async fn course(shop: &Shop, statement: &Statement) -> Course {
    statement.facts(&mut *shop.world.conn().await).await.unwrap().course
}

/// Renders it, as the job does.
async fn ready(shop: &Shop, statement: &Statement) -> Statement {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let (account_id, id) = (statement.account_id, statement.id);
    conn.transaction(async |conn| {
        let found = Statement::find_pending(conn, account_id, id).await?.unwrap();
        let course = found.facts(conn).await?.course;
        let one = |form: &str| form.as_bytes().to_vec();
        let papers = Papers { pdf: one("pdf"), csv: one("csv"), json: one("json"), signature: None };
        Ok::<_, diesel::result::Error>(found.ready(conn, &course, papers, &act).await.unwrap())
    })
    .await
    .unwrap()
}

/// What the ledger says was owed before an instant, summed up from its beginning.
async fn owed(shop: &Shop, partner: PartnerId, before: DateTime<Utc>) -> i64 {
    let sum = format!(
        "SELECT coalesce(sum(CASE WHEN a.id = t.credit THEN t.amount ELSE -t.amount END), 0)::text AS line \
         FROM ledger_transfers t JOIN ledger_accounts a ON a.id IN (t.debit, t.credit) \
         WHERE a.partner_id = '{}' AND a.currency = 'USD' AND a.kind IN ('AVAILABLE', 'RESERVED') AND t.at < '{before}'",
        uuid(partner)
    );
    shop.lines(&sum).await.remove(0).parse().unwrap()
}

/// A payout of all that the partner has, on its way.
async fn sent(shop: &Shop, partner: PartnerId, key: &str) -> Payout {
    let payout = shop.request(partner, key).await;
    shop.decide(payout.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, somebody(&shop.world.act())).await;
    shop.executed(batch.id).await;
    shop.payout(payout.id).await
}

async fn give(shop: &Shop, partner: PartnerId, cents: i64) {
    let said = ManualReward {
        owner: Owner::Partner(partner),
        amount: Decimal::new(cents, 2),
        currency: Currency::USD,
        reason: "by hand".to_owned(),
        occurred_at: None,
        idempotency_key: format!("{partner} {cents} {}", shop.world.now),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Reward::create_manual(conn, &shop.scope, &said, &act).await.unwrap();
}

/// From 22 November 2026 to 5 April 2027: rewards, a refund and a won dispute, corrections, a payout that is paid, one that comes
/// back in another month, one that waits at the end. Answers with the partner.
async fn history(shop: &mut Shop) -> PartnerId {
    let ann = shop.payee("ann").await;
    shop.payee("bob").await;
    shop.earn(&[("ann", 1_000), ("ann", 500), ("bob", 700)]).await;
    let first = sent(shop, ann, "first").await;
    shop.ended(first.id, paid()).await;
    shop.world.pass(days(1));
    give(shop, ann, 250).await;
    shop.world.pass(TimeDelta::hours(20) + days(7));
    let second = sent(shop, ann, "second").await;
    shop.ended(second.id, paid()).await;
    let rewards = shop
        .lines("SELECT id::text AS line FROM rewards WHERE amount = 1000 AND partner_id IS NOT NULL")
        .await;
    let reward: RewardId = ids::TypedId::from_uuid(rewards[0].parse().unwrap());
    shop.world.pass(days(3));
    change_in(shop, &[(reward, 400)], ReversalCause::Refund).await.unwrap();
    shop.ended(second.id, failed()).await;
    shop.world.pass(days(20));
    change_in(shop, &[(reward, 900)], ReversalCause::ChargebackWon).await.unwrap();
    give(shop, ann, -40).await;
    shop.earn(&[("ann", 2_000)]).await;
    shop.request(ann, "waits").await;
    shop.world.pass(days(40));
    ann
}

#[tokio::test]
async fn each_month_is_what_the_ledger_says_and_begins_where_the_one_before_ended() {
    let mut shop = shop().await;
    let ann = history(&mut shop).await;
    let calendar = shop.program.calendar();
    let mut closing = 0;
    let mut kinds = Vec::new();
    for text in ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03"] {
        let statement = request(&shop, &of(ann, text)).await.unwrap();
        let course = course(&shop, &statement).await;
        let within: i64 = course.lines.iter().map(|line| line.amount).sum();
        assert_eq!(course.opening, closing, "{text}");
        assert_eq!(course.opening + within, course.closing, "{text}");
        assert_eq!(course.opening, owed(&shop, ann, statement.month.begin(calendar)).await, "{text}");
        assert_eq!(course.closing, owed(&shop, ann, statement.month.next().begin(calendar)).await, "{text}");
        let ready = ready(&shop, &statement).await;
        assert_eq!((ready.opening, ready.closing), (Some(course.opening), Some(course.closing)));
        kinds.extend(course.lines.iter().map(|line| line.reason));
        closing = course.closing;
    }
    assert_eq!(closing, owed(&shop, ann, shop.world.now).await);
    for kind in [
        TransferReason::Released,
        TransferReason::Reversed,
        TransferReason::Restored,
        TransferReason::Corrected,
        TransferReason::Paid,
        TransferReason::Returned,
    ] {
        assert!(kinds.contains(&kind), "{kind} is in no statement: {kinds:?}");
    }
}

#[tokio::test]
async fn a_month_has_a_line_per_day_and_kind_and_each_payout_by_itself() {
    let mut shop = shop().await;
    let ann = history(&mut shop).await;
    let statement = request(&shop, &of(ann, "2026-12")).await.unwrap();
    let facts = statement.facts(&mut *shop.world.conn().await).await.unwrap();
    let line = |line: &domain::statements::CourseLine| {
        let method = line.payout_id.map(|id| facts.methods[&id].as_str()).unwrap_or_default();
        format!("{} {} {} {} {method}", line.on, line.reason, line.moves, line.amount).trim_end().to_owned()
    };
    let said: Vec<String> = facts.course.lines.iter().map(line).collect();
    let method = shop.lines("SELECT label AS line FROM payout_methods LIMIT 1").await.remove(0);
    assert_eq!(
        said,
        [
            "2026-12-23 RELEASED 2 1500".to_owned(),
            format!("2026-12-23 PAID 1 -1500 {method}"),
            "2026-12-24 RELEASED 1 250".to_owned(),
        ]
    );
}

#[tokio::test]
async fn it_is_asked_for_once_and_never_changes_then() {
    let mut shop = shop().await;
    let ann = history(&mut shop).await;
    let said = of(ann, "2026-12");
    let first = request(&shop, &said).await.unwrap();
    assert_eq!((first.status, first.opening), (PaperStatus::Pending, None));
    assert!(first.number.starts_with("ST-2026-12-"), "{}", first.number);
    assert_eq!(request(&shop, &said).await.unwrap(), first);
    assert_eq!(shop.world.count("jobs WHERE kind = 'statements.render'").await, 1);
    assert_eq!(shop.world.count("audit_entries WHERE action = 'statementRequest'").await, 1);
    let made = ready(&shop, &first).await;
    assert_eq!(made.status, PaperStatus::Ready);
    assert_eq!(request(&shop, &said).await.unwrap(), made);
    assert_eq!(shop.world.count("events WHERE kind = 'statement.ready'").await, 1);
    let conn = &mut *shop.world.conn().await;
    assert_eq!(Statement::find_pending(conn, made.account_id, made.id).await.unwrap(), None);
    for change in ["closing = 1", "status = 'PENDING'", "pdf_id = json_id", "signature = NULL"] {
        let refused = shop.refused(&format!("UPDATE statements SET {change}")).await;
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    assert!(shop.refused("DELETE FROM statements").await.contains("append-only"));
}

#[tokio::test]
async fn what_cannot_be_stated_is_refused() {
    let mut shop = shop().await;
    let ann = history(&mut shop).await;
    // The program's calendar is UTC's; its month is left alone for a quarter of an hour.
    shop.world.now = "2027-04-01T00:14:59Z".parse().unwrap();
    let early = request(&shop, &of(ann, "2027-03")).await;
    let from: DateTime<Utc> = "2027-04-01T00:15:00Z".parse().unwrap();
    assert!(matches!(early, Err(RequestError::NotOver { from: said }) if said == from), "{early:?}");
    shop.world.now = from;
    assert!(request(&shop, &of(ann, "2027-03")).await.is_ok());
    let future = request(&shop, &of(ann, "2029-01")).await;
    assert!(matches!(future, Err(RequestError::NotOver { .. })), "{future:?}");
    let before = request(&shop, &of(ann, "2026-10")).await;
    assert!(
        matches!(before, Err(RequestError::BeforePartner { since }) if since == month("2026-11")),
        "{before:?}"
    );
    let euros = NewStatement { currency: Currency::EUR, ..of(ann, "2026-12") };
    assert!(matches!(request(&shop, &euros).await, Err(RequestError::NothingInCurrency)));
    let points = NewStatement { currency: "points".parse().unwrap(), ..of(ann, "2026-12") };
    assert!(matches!(request(&shop, &points).await, Err(RequestError::Unit)));
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let outside = [
        account(&shop.world).await,
        AccountScope::limited(shop.scope.account_id, vec![act.ids.next(act.now)]),
    ];
    for scope in outside {
        let refused = Statement::request(conn, &scope, &of(ann, "2026-12"), &act).await;
        assert!(matches!(refused, Err(RequestError::NotFound)), "{refused:?}");
    }
}

/// Runs the job until nothing is left to do.
async fn request_due(shop: &Shop) {
    loop {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        if !conn.transaction(async |conn| request_due_statements(conn, &act).await).await.unwrap() {
            return;
        }
    }
}

async fn requested(shop: &Shop) -> Vec<String> {
    shop.lines(
        "SELECT p.key || ' ' || to_char(s.month, 'YYYY-MM') || ' ' || s.currency AS line \
         FROM statements s JOIN partners p ON p.id = s.partner_id ORDER BY s.month, p.key",
    )
    .await
}

#[tokio::test]
async fn each_month_is_asked_for_once_it_is_over_for_whom_something_moved() {
    let mut shop = shop().await;
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, Vec::<String>::new());
    let (ann, _idle): (PartnerId, Partner) = (shop.payee("ann").await, shop.partner("idle").await);
    shop.payee("bob").await;
    // Released on 23 December; nothing moved in November.
    shop.earn(&[("ann", 1_000), ("bob", 700)]).await;
    request_due(&shop).await;
    shop.world.now = "2027-01-01T00:14:00Z".parse().unwrap();
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, Vec::<String>::new(), "December is not over for long enough");
    // What is asked for in January does not count, and a reservation is no move.
    shop.world.now = "2027-01-01T00:20:00Z".parse().unwrap();
    shop.request(ann, "k").await;
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, ["ann 2026-12 USD", "bob 2026-12 USD"]);
    request_due(&shop).await;
    assert_eq!(shop.world.count("jobs WHERE kind = 'statements.render'").await, 2);
    // Downtime: two months at once, and nobody moved in the first.
    shop.world.now = "2027-02-10T00:00:00Z".parse().unwrap();
    give(&shop, ann, 5).await;
    shop.world.now = "2027-03-20T00:00:00Z".parse().unwrap();
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, ["ann 2026-12 USD", "bob 2026-12 USD", "ann 2027-02 USD"]);
}

/// The time zone may change until the terms are published, and the first month is planned before.
#[tokio::test]
async fn a_month_is_over_where_the_program_is_now() {
    let mut shop = shop().await;
    shop.payee("ann").await;
    shop.earn(&[("ann", 1_000)]).await;
    request_due(&shop).await;
    shop.world.execute("UPDATE programs SET time_zone = 'America/Los_Angeles'").await;
    shop.world.now = "2027-01-01T00:20:00Z".parse().unwrap();
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, Vec::<String>::new(), "it is still December there");
    shop.world.now = "2027-01-01T08:14:00Z".parse().unwrap();
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, Vec::<String>::new());
    shop.world.now = "2027-01-01T08:16:00Z".parse().unwrap();
    request_due(&shop).await;
    assert_eq!(requested(&shop).await, ["ann 2026-12 USD"]);
}

#[tokio::test]
async fn a_range_ends_and_the_next_goes_on_behind_it() {
    let mut shop = shop().await;
    request_due(&shop).await;
    // A thousand partners: three runs, the last of nobody.
    shop.world
        .execute(&format!(
            "INSERT INTO partner_profiles (id, account_id, email, name, created_at, updated_at) \
             SELECT gen_random_uuid(), '{account}', 'p' || n || '@example.com', 'p', '{now}', '{now}' FROM generate_series(1, 1000) n; \
             INSERT INTO partners (id, account_id, program_id, profile_id, key, status, tags, created_at, updated_at) \
             SELECT gen_random_uuid(), '{account}', '{program}', id, split_part(email, '@', 1), 'APPROVED', '{{}}', '{now}', '{now}' \
             FROM partner_profiles",
            account = uuid(shop.scope.account_id),
            program = uuid(shop.program.id),
            now = shop.world.now,
        ))
        .await;
    let partners = shop.lines("SELECT id::text AS line FROM partners ORDER BY id").await;
    for place in [0, 499, 500, 999] {
        give(&shop, ids::TypedId::from_uuid(partners[place].parse().unwrap()), 5).await;
    }
    shop.world.pass(days(10));
    request_due(&shop).await;
    assert_eq!(shop.world.count("statements").await, 4);
    let left = "SELECT to_char(month, 'YYYY-MM') || ' ' || (up_to IS NULL) AS line FROM statement_schedules";
    assert_eq!(shop.lines(left).await, ["2026-12 true"]);
}
