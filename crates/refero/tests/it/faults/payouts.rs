//! Batches are made and executed by many at once while processes are killed and the provider breaks: by its own journal
//! each payment was made once, and what we say of each payout is what became of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use payout_providers::fakes::{
    FakePayPal,
    Fault::{self, *},
};
use test_support::{TestApp, redis_url};
use tokio::{task::JoinSet, time::sleep};

use super::{RedisServer, fleet::Fleet, pauses, till::Till, truth};

/// The hold of what was earned is over by then.
const A_MONTH: Duration = Duration::from_secs(31 * 24 * 3_600);

#[derive(QueryableByName)]
struct Paid {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// Tills with available rewards, and processes that pay by the fake.
async fn open(app: &TestApp, paypal: &FakePayPal, redis_url: &str) -> (Fleet, [Till; 2]) {
    let (one, other) = (Till::open(app, 0).await, Till::open(app, 1).await);
    app.run_jobs().await;
    app.advance(A_MONTH).await;
    app.run_jobs().await;
    let config = paypal.config();
    let more = vec![
        ("PAYOUT_KEYS", format!("k1:{}=", "A".repeat(43))),
        ("PAYPAL_CLIENT_ID", config.client_id),
        ("PAYPAL_CLIENT_SECRET", "fake-client-secret".to_owned()),
        ("PROVIDER_ACCOUNTS", "*".to_owned()),
        ("PAYPAL_BASE_URL", format!("{:?}", config.base)),
        ("PAYOUT_SETTLES_SECONDS", "0".to_owned()),
    ];
    let fleet = Fleet::start_with(app, redis_url, 2, more).await;
    let there = [one.at(&fleet).await, other.at(&fleet).await];
    (fleet, there)
}

/// Each payment that the provider's journal shows was made once, is a payout of that amount, and is said to be paid unless
/// the provider failed it; nothing is said to be paid that the journal does not show; nothing is still on its way.
async fn assert_paid_once(app: &TestApp, paypal: &FakePayPal) {
    truth::until_at_rest(app).await;
    truth::is_verified(app).await;
    truth::nothing_is_dead(app).await;
    let mut conn = AsyncPgConnection::establish(&app.database.url).await.unwrap();
    let sql =
        "SELECT id::text AS id, status, amount FROM payouts WHERE status NOT IN ('CANCELLED', 'REJECTED')";
    let payouts: Vec<Paid> = diesel::sql_query(sql).load(&mut conn).await.unwrap();
    let mut journal = BTreeMap::<String, i64>::new();
    for line in paypal.journal() {
        let id: ids::PayoutId = line.payment.parse().unwrap();
        let (whole, cents) = line.amount.split_once('.').unwrap();
        let amount = whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap();
        let again = journal.insert(ids::TypedId::uuid(id).to_string(), amount);
        assert_eq!(again, None, "{id} was paid twice");
    }
    let mut paid = 0;
    for payout in &payouts {
        let at_provider = journal.remove(&payout.id);
        match payout.status.as_str() {
            "PAID" | "FAILED" => assert_eq!(at_provider, Some(payout.amount), "{}", payout.id),
            "APPROVED" => assert_eq!(at_provider, None, "{} waits for a batch", payout.id),
            status => panic!("{} is still {status}", payout.id),
        }
        paid += if payout.status == "PAID" { payout.amount } else { 0 };
    }
    assert_eq!(journal, BTreeMap::new(), "the provider paid what is no payout");
    assert!(paid > 0);
    let ledger = truth::count(app, "SELECT sum(paid)::bigint AS count FROM balances").await;
    assert_eq!(ledger, paid, "the ledger has as much as paid as the provider paid");
    app.leave_jobs();
}

/// Waits until everybody is done. What waits to be tried again waits less than it would, minutes after its third failure.
async fn done(app: &TestApp, mut people: JoinSet<()>) {
    let sooner = "WITH hurried AS (UPDATE jobs SET run_at = now() WHERE state = 'scheduled' AND attempt > 0 \
                  AND run_at > now() + interval '2 s' RETURNING 1) SELECT count(*) FROM hurried";
    loop {
        tokio::select! {
            ended = people.join_next() => match ended {
                Some(ended) => ended.unwrap(),
                None => return,
            },
            () = sleep(Duration::from_secs(3)) => { truth::count(app, sooner).await; }
        }
    }
}

/// What everybody does goes on until it is done.
fn paying(tills: [Till; 2], paypal: &Arc<FakePayPal>, faults: [[Fault; 2]; 2]) -> JoinSet<()> {
    let mut people = JoinSet::new();
    for (till, faults) in tills.into_iter().zip(faults) {
        let paypal = Arc::clone(paypal);
        people.spawn(async move { till.pay(&paypal, faults).await });
    }
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_and_the_api_are_killed_while_batches_are_paid() {
    let (app, paypal) = (TestApp::start().await, Arc::new(FakePayPal::start().await.unwrap()));
    let (mut fleet, tills) = open(&app, &paypal, &redis_url().unwrap()).await;
    let broken = [[HangAfterAccepting, DropBeforeAccepting], [ErrorAfterAccepting, GarbledAfterAccepting]];
    let people = paying(tills, &paypal, broken);
    for (turn, pause) in pauses(17).take(9).enumerate() {
        sleep(pause).await;
        if turn % 3 == 2 { fleet.kill_api().await } else { fleet.kill_worker(turn % 2) }
    }
    done(&app, people).await;
    assert_paid_once(&app, &paypal).await;
    fleet.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_flushed_and_connections_are_cut_while_batches_are_paid() {
    let (app, paypal) = (TestApp::start().await, Arc::new(FakePayPal::start().await.unwrap()));
    let redis = RedisServer::start().await;
    let (fleet, tills) = open(&app, &paypal, &redis.url).await;
    let broken = [[DropAfterAccepting, ErrorAfterAccepting], [ErrorBeforeAccepting, DropAfterAccepting]];
    let people = paying(tills, &paypal, broken);
    for (turn, pause) in pauses(19).take(4).enumerate() {
        sleep(pause).await;
        if turn % 2 == 0 { redis.flush().await } else { assert!(truth::cut_connections(&app).await > 0) }
    }
    done(&app, people).await;
    assert_paid_once(&app, &paypal).await;
    fleet.stop();
}
