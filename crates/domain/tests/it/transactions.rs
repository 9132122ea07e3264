use domain::{
    attribution::Touch,
    customers::{Customer, CustomerUpsert, UpsertError},
    programs::Transition,
    scope::AccountScope,
    transactions::{
        ItemInput, MOST_AT_ONCE, NewTransaction, RecordError, RecordRefusal, Transaction, TransactionItem,
    },
};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    partners::account,
    shop::{Shop, customer, days, sale},
};

fn item(quantity: i32, cents: i64) -> ItemInput {
    ItemInput {
        product_id: Some("p".to_owned()),
        product_type: None,
        quantity,
        amount: Decimal::new(cents, 2),
    }
}

/// The paths that were refused.
fn refused(answer: Result<Transaction, RecordRefusal>) -> Vec<String> {
    match answer {
        Err(RecordRefusal::Invalid(problems)) => problems.iter().map(|one| one.path.join(".")).collect(),
        other => panic!("{other:?}"),
    }
}

async fn record(shop: &Shop, said: &NewTransaction) -> Result<Transaction, RecordRefusal> {
    shop.try_record(std::slice::from_ref(said)).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_same_words_are_the_same_sale_for_ever() {
    let mut shop = Shop::open().await;
    let said = NewTransaction { occurred_at: Some(shop.world.now - days(80)), ..sale("s", "c", 1000) };
    let first = shop.record(&said).await;
    assert_eq!((first.gross, first.net), (1000, 1000));
    let same = NewTransaction { gross: "10".parse().unwrap(), ..said.clone() };
    assert_eq!(shop.record(&same).await.id, first.id, "10 and 10.00 are the same words");
    for other in [
        NewTransaction { customer_key: "d".to_owned(), ..said.clone() },
        NewTransaction { gross: "10.01".parse().unwrap(), ..said.clone() },
        NewTransaction { currency: Currency::EUR, ..said.clone() },
        NewTransaction { items: vec![item(1, 1)], ..said.clone() },
        NewTransaction { occurred_at: None, ..said.clone() },
        NewTransaction { rewardable: false, ..said.clone() },
    ] {
        assert!(matches!(record(&shop, &other).await, Err(RecordRefusal::KeyMismatch)), "{other:?}");
    }
    shop.world.pass(days(100));
    assert_eq!(shop.record(&said).await.id, first.id, "it was in time when it was recorded");
    let late = NewTransaction { key: "t".to_owned(), ..said };
    assert_eq!(refused(record(&shop, &late).await), ["occurredAt"]);
    assert_eq!(shop.world.count("transactions").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.recorded'").await, 1);
}

#[tokio::test]
async fn an_unknown_customer_is_created_and_a_lead_has_bought() {
    let shop = Shop::open().await;
    let lead = shop.upsert(&customer(shop.program.id, "lead")).await.unwrap();
    let sales = [sale("s1", "lead", 100), sale("s2", "lead", 100), sale("s3", "new", 100)];
    let made = shop.try_record(&sales).await.unwrap();
    assert_eq!(made[0].as_ref().unwrap().customer_id, lead.id);
    assert_eq!(shop.world.count("customers WHERE status = 'ACTIVE'").await, 2);
    shop.record(&sale("s4", "lead", 100)).await;
    let told = shop.lines("SELECT kind AS line FROM events WHERE subject LIKE 'cus_%' ORDER BY seq").await;
    assert_eq!(told, ["customer.created", "customer.created", "customer.updated"]);
}

#[tokio::test]
async fn what_is_refused_leaves_its_key_free() {
    let shop = Shop::open().await;
    let now = shop.world.now;
    let at = |at| NewTransaction { occurred_at: Some(at), ..sale("s", "c", 1000) };
    let items = |items| NewTransaction { items, ..sale("s", "c", 1000) };
    let cases = [
        (items(vec![item(1, 600), item(1, 401)]), "items"),
        (items(vec![item(0, 1)]), "items.0.quantity"),
        (items(vec![item(600_000, 1), item(400_001, 1)]), "items"),
        (items(vec![item(1, 0); 1_001]), "items"),
        (at(now + days(1) + chrono::TimeDelta::microseconds(1)), "occurredAt"),
        (at(now - days(90) - chrono::TimeDelta::microseconds(1)), "occurredAt"),
        (NewTransaction { gross: "-1".parse().unwrap(), ..sale("s", "c", 0) }, "amount"),
        (NewTransaction { gross: "1.001".parse().unwrap(), ..sale("s", "c", 0) }, "amount"),
        (NewTransaction { gross: "100000000000.01".parse().unwrap(), ..sale("s", "c", 0) }, "amount"),
        (sale("s", " ", 1), "customerKey"),
    ];
    for (said, path) in cases {
        assert_eq!(refused(record(&shop, &said).await), [path]);
    }
    assert_eq!(shop.world.count("customers").await, 0);
    for (key, at_the_edge) in [("a", now + days(1)), ("b", now - days(90))] {
        shop.record(&NewTransaction { key: key.to_owned(), ..at(at_the_edge) }).await;
    }
    let full = shop.record(&items(vec![item(600_000, 600), item(400_000, 399)])).await;
    let conn = &mut *shop.world.conn().await;
    let stored = TransactionItem::of(conn, &shop.scope, &[full.id]).await.unwrap();
    let lines = full.lines(&stored).unwrap().lines;
    assert_eq!(lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [600, 399, 1]);
}

#[tokio::test]
async fn each_sale_of_a_call_is_answered_by_itself() {
    let shop = Shop::open().await;
    let before = shop.record(&sale("before", "c", 1)).await;
    let said = [
        sale("double", "c", 100),
        sale("before", "c", 1),
        sale("double", "c", 100),
        sale("double", "c", 101),
        sale("bad", "c", -1),
        sale("bad", "c", 7),
        sale("before", "c", 2),
    ];
    let answers = shop.try_record(&said).await.unwrap();
    let id = |index: usize| answers[index].as_ref().unwrap().id;
    assert_eq!((id(0), id(1)), (id(2), before.id));
    assert!(matches!(answers[3], Err(RecordRefusal::KeyMismatch)));
    assert_eq!(refused(answers[4].clone()), ["amount"]);
    assert_eq!(answers[5].as_ref().unwrap().net, 7, "the refused one left the key free");
    assert!(matches!(answers[6], Err(RecordRefusal::KeyMismatch)));
    assert_eq!(shop.world.count("transactions").await, 3);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.recorded'").await, 3);
}

#[tokio::test]
async fn a_thousand_in_one_call() {
    let shop = Shop::open().await;
    let said = |count: usize| -> Vec<_> {
        (0..count).map(|n| sale(&format!("s{n}"), &format!("c{}", n % 300), 100)).collect()
    };
    assert!(matches!(shop.try_record(&said(MOST_AT_ONCE + 1)).await, Err(RecordError::TooMany)));
    let answers = shop.try_record(&said(MOST_AT_ONCE)).await.unwrap();
    let keys: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap().key.clone()).collect();
    assert_eq!(keys, said(MOST_AT_ONCE).into_iter().map(|sale| sale.key).collect::<Vec<_>>());
    // The events stand in the order of the call.
    let of_sales = "SELECT subject AS line FROM events WHERE kind = 'transaction.recorded' ORDER BY seq";
    let subjects = shop.lines(of_sales).await;
    let ids: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap().id.to_string()).collect();
    assert_eq!(subjects, ids);
    assert_eq!(shop.world.count("customers").await, 300);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.recorded'").await, 1_000);
}

/// A call that fails at its very end leaves nothing.
#[tokio::test]
async fn a_call_commits_as_a_whole() {
    let shop = Shop::open().await;
    shop.upsert(&customer(shop.program.id, "lead")).await.unwrap();
    shop.world
        .execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'power cut'; END $$; \
             CREATE TRIGGER fail BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION fail()",
        )
        .await;
    let said = [sale("s1", "new", 100), sale("s2", "lead", 100)];
    assert!(matches!(shop.try_record(&said).await, Err(RecordError::Database(_))));
    assert_eq!(shop.world.count("transactions").await, 0);
    assert_eq!(shop.world.count("customers").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.recorded'").await, 0);
    shop.world.execute("DROP TRIGGER fail ON customers").await;
    assert!(shop.try_record(&said).await.unwrap().iter().all(Result::is_ok));
}

#[tokio::test]
async fn only_open_programs_in_reach_take_sales() {
    let shop = Shop::empty().await;
    let one = [sale("s", "c", 1)];
    assert!(matches!(shop.try_record(&one).await, Err(RecordError::WrongState { .. })));
    let stranger = account(&shop.world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for scope in [&stranger, &limited] {
        let refused = Transaction::record_all(conn, scope, shop.program.id, &one, &act).await;
        assert!(matches!(refused, Err(RecordError::ProgramNotFound)));
        assert!(Transaction::find_by_key(conn, scope, shop.program.id, "s").await.unwrap().is_none());
    }
    shop.transition(Transition::Archive).await;
    assert!(matches!(shop.try_record(&one).await, Err(RecordError::WrongState { .. })));
}

/// A sale that is refused creates nobody, and makes no lead a buyer.
#[tokio::test]
async fn a_refused_sale_leaves_no_customer() {
    let shop = Shop::open().await;
    shop.record(&sale("s", "a", 100)).await;
    shop.upsert(&customer(shop.program.id, "lead")).await.unwrap();
    for buyer in ["b", "lead"] {
        let other = record(&shop, &sale("s", buyer, 100)).await;
        assert!(matches!(other, Err(RecordRefusal::KeyMismatch)), "{other:?}");
    }
    let said = [sale("t", "a", 100), sale("t", "b", 100), sale("s", "c", 100), sale("bad", "d", -1)];
    let late = NewTransaction { occurred_at: Some(shop.world.now - days(91)), ..sale("late", "e", 100) };
    let answers = shop.try_record(&[&said[..], &[late]].concat()).await.unwrap();
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, false, false]);
    let customers = shop.lines("SELECT key || ' ' || status AS line FROM customers ORDER BY key").await;
    assert_eq!(customers, ["a ACTIVE", "lead LEAD"]);
    assert_eq!(shop.world.count("events WHERE kind LIKE 'customer.%'").await, 2);
}

/// I1: what was recorded is answered for ever; only what is new is refused.
#[tokio::test]
async fn a_closed_program_answers_for_what_it_recorded() {
    let shop = Shop::open().await;
    let before = shop.record(&sale("s", "c", 100)).await;
    shop.transition(Transition::Archive).await;
    let said = [sale("s", "c", 100), sale("new", "d", 100), sale("s", "c", 101)];
    let answers = shop.try_record(&said).await.unwrap();
    assert_eq!(answers[0].as_ref().unwrap().id, before.id);
    assert!(matches!(answers[1], Err(RecordRefusal::WrongState { .. })), "{answers:?}");
    assert!(matches!(answers[2], Err(RecordRefusal::KeyMismatch)), "{answers:?}");
    assert!(matches!(shop.try_record(&said[1..2]).await, Err(RecordError::WrongState { .. })));
    assert_eq!((shop.world.count("transactions").await, shop.world.count("customers").await), (1, 1));
}

#[tokio::test]
async fn words_are_compared_as_they_are_kept() {
    let shop = Shop::open().await;
    let at = shop.world.now - days(1);
    let named = |product: &str| ItemInput { product_id: Some(product.to_owned()), ..item(1, 5) };
    let said = NewTransaction {
        items: vec![named("p")],
        coupon_code: Some("X".to_owned()),
        occurred_at: Some(at),
        ..sale("s", "c", 100)
    };
    let first = shop.record(&said).await;
    let again = NewTransaction {
        items: vec![named(" p")],
        coupon_code: Some("X ".to_owned()),
        occurred_at: Some(at + chrono::TimeDelta::nanoseconds(7)),
        ..sale(" s", "c ", 100)
    };
    assert_eq!(shop.record(&again).await.id, first.id);
}

#[tokio::test]
async fn a_key_that_cannot_be_kept_is_not_found() {
    let shop = Shop::open().await;
    let (conn, id) = (&mut *shop.world.conn().await, shop.program.id);
    assert!(Transaction::find_by_key(conn, &shop.scope, id, "a\0b").await.unwrap().is_none());
    assert!(Customer::find_by_key(conn, &shop.scope, id, "a\0b").await.unwrap().is_none());
    for touch in [Touch::LinkSlug("a\0b".to_owned()), Touch::PartnerKey("a\0b".to_owned())] {
        let said = CustomerUpsert { touch: Some(touch), ..customer(id, "c") };
        assert!(matches!(shop.upsert(&said).await, Err(UpsertError::TouchNotFound(_))));
    }
}
