use domain::{
    attribution::{Attribution, AttributionSource, Touch},
    customers::{Customer, CustomerFilter, CustomerStatus, CustomerUpsert, UpsertError, UpsertRefusal},
    page::PageArgs,
    partners::Partner,
    programs::Transition,
    text::TextProblem,
};

use crate::{
    partners::account,
    shop::{Shop, customer, days, sale},
};

async fn active(shop: &Shop, customer: &Customer) -> Option<Attribution> {
    let conn = &mut *shop.world.conn().await;
    Attribution::active_of(conn, &shop.scope, &[customer.id]).await.unwrap().pop()
}

/// The kinds of events about customers, in order.
async fn told(shop: &Shop) -> Vec<String> {
    shop.lines("SELECT kind AS line FROM events WHERE subject LIKE 'cus_%' ORDER BY seq").await
}

fn by_link(shop: &Shop, key: &str, slug: &str) -> CustomerUpsert {
    CustomerUpsert { touch: Some(Touch::LinkSlug(slug.to_owned())), ..customer(shop.program.id, key) }
}

fn naming(shop: &Shop, key: &str, partner: &Partner) -> CustomerUpsert {
    CustomerUpsert { touch: Some(Touch::Partner(partner.id)), ..customer(shop.program.id, key) }
}

#[tokio::test]
async fn said_again_nothing_happens_and_said_otherwise_it_changes() {
    let mut shop = Shop::open().await;
    let said = CustomerUpsert {
        email: Some(" a@example.com ".to_owned()),
        country: Some("de".to_owned()),
        tags: Some(vec!["vip".to_owned(), "b2b".to_owned()]),
        ..customer(shop.program.id, " c1 ")
    };
    let made = shop.upsert(&said).await.unwrap();
    assert_eq!((made.key.as_str(), made.status), ("c1", CustomerStatus::Lead));
    assert_eq!((made.email.as_deref(), made.country.as_deref()), (Some("a@example.com"), Some("DE")));
    shop.world.pass(days(1));
    assert_eq!(shop.upsert(&said).await.unwrap().updated_at, made.updated_at);
    shop.upsert(&customer(shop.program.id, "c1")).await.unwrap();
    assert_eq!(told(&shop).await, ["customer.created"]);
    let named = CustomerUpsert { name: Some("Ann".to_owned()), ..customer(shop.program.id, "c1") };
    let changed = shop.upsert(&named).await.unwrap();
    assert_eq!((changed.id, changed.name.as_deref()), (made.id, Some("Ann")));
    assert_eq!((changed.email, changed.tags), (made.email, made.tags), "what is not said stays");
    assert_eq!(told(&shop).await, ["customer.created", "customer.updated"]);
}

/// What the events of this kind say, in order, without the customer's id.
async fn said(shop: &Shop, kind: &str) -> Vec<serde_json::Value> {
    let query = format!(
        "SELECT (payload - 'customerId')::text AS line FROM events WHERE kind = '{kind}' ORDER BY seq"
    );
    shop.lines(&query).await.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_event_of_a_new_customer_knows_its_partner() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let signed_up_at = shop.world.now - days(3);
    let full = CustomerUpsert {
        country: Some("de".to_owned()),
        tags: Some(vec!["vip".to_owned(), "b2b".to_owned()]),
        signed_up_at: Some(signed_up_at),
        ..by_link(&shop, "a", "jane")
    };
    // Of those with one key in a call the first makes the customer, and a later one may name the partner.
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let calls = [
        full,
        customer(shop.program.id, "b"),
        naming(&shop, "b", &jane),
        customer(shop.program.id, "c"),
        by_link(&shop, "c", "jane"),
    ];
    Customer::upsert_all(conn, &shop.scope, shop.program.id, &calls, &act).await.unwrap();
    shop.record(&sale("s", "d", 100)).await;
    let (now, then) = (serde_json::json!(shop.world.now), serde_json::json!(signed_up_at));
    let made = |at: &serde_json::Value, partner: Option<&Partner>| {
        let partner = partner.map(|partner| partner.id);
        serde_json::json!({ "signedUpAt": at, "country": null, "tags": [], "partnerId": partner, "confirmed": true })
    };
    let mut first = made(&then, Some(&jane));
    (first["country"], first["tags"]) = ("DE".into(), serde_json::json!(["b2b", "vip"]));
    let told = [first, made(&now, Some(&jane)), made(&now, None), made(&now, None)];
    assert_eq!(said(&shop, "customer.created").await, told);
    assert_eq!(said(&shop, "customer.attributed").await.len(), 2);
    shop.upsert(&CustomerUpsert { country: Some("fr".to_owned()), ..customer(shop.program.id, "a") })
        .await
        .unwrap();
    let updated = serde_json::json!({ "country": "FR", "tags": ["b2b", "vip"] });
    assert_eq!(said(&shop, "customer.updated").await, [updated]);
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let shop = Shop::open().await;
    let said = CustomerUpsert {
        email: Some("nobody".to_owned()),
        country: Some("Germany".to_owned()),
        signed_up_at: Some(shop.world.now + days(2)),
        ..customer(shop.program.id, " ")
    };
    let Err(UpsertError::Invalid(problems)) = shop.upsert(&said).await else { panic!() };
    let found: Vec<_> = problems.iter().map(|one| (one.path.join("."), one.problem)).collect();
    let malformed = |field: &str| (field.to_owned(), TextProblem::Malformed);
    let missing = ("key".to_owned(), TextProblem::Missing);
    assert_eq!(found, [missing, malformed("email"), malformed("country"), malformed("signedUpAt")]);
    assert_eq!(shop.world.count("customers").await, 0);
}

#[tokio::test]
async fn a_link_brings_a_customer_who_then_stays() {
    let shop = Shop::open().await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let signed_up_at = Some(shop.world.now - days(3));
    let said = CustomerUpsert { signed_up_at, ..by_link(&shop, "c", "JANE") };
    let made = shop.upsert(&said).await.unwrap();
    let attribution = active(&shop, &made).await.unwrap();
    assert_eq!((attribution.partner_id, attribution.source), (jane.id, AttributionSource::Link));
    assert_eq!((Some(attribution.at), attribution.link_id.is_some()), (signed_up_at, true));
    shop.upsert(&by_link(&shop, "c", "joe")).await.unwrap();
    shop.upsert(&naming(&shop, "c", &joe)).await.unwrap();
    assert_eq!(active(&shop, &made).await.unwrap().partner_id, jane.id);
    assert_eq!(told(&shop).await, ["customer.created", "customer.attributed"]);
    let unknown = shop.upsert(&by_link(&shop, "d", "nobody")).await;
    assert!(matches!(unknown, Err(UpsertError::TouchNotFound(Touch::LinkSlug(slug))) if slug == "nobody"));
    assert_eq!(shop.world.count("customers").await, 1);
}

#[tokio::test]
async fn a_named_partner_also_takes_a_customer_without_one() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let made = shop.upsert(&customer(shop.program.id, "c")).await.unwrap();
    // A link brings new customers only.
    shop.upsert(&by_link(&shop, "c", "jane")).await.unwrap();
    assert!(active(&shop, &made).await.is_none());
    let key = Some(Touch::PartnerKey("jane".to_owned()));
    shop.upsert(&CustomerUpsert { touch: key, ..customer(shop.program.id, "c") }).await.unwrap();
    let attribution = active(&shop, &made).await.unwrap();
    assert_eq!((attribution.partner_id, attribution.source), (jane.id, AttributionSource::Api));
    let elsewhere = crate::partners::program(&shop.world, &shop.scope, "Other").await;
    let stranger = crate::partners::person(elsewhere.id, "eve@example.com");
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let stranger = Partner::create(conn, &shop.scope, &stranger, &act).await.unwrap();
    let foreign = shop.upsert(&naming(&shop, "d", &stranger)).await;
    assert!(matches!(foreign, Err(UpsertError::TouchNotFound(_))), "a partner of another program");
}

#[tokio::test]
async fn only_an_active_program_attributes() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.transition(Transition::Pause).await;
    for (key, said) in [("a", by_link(&shop, "a", "jane")), ("b", naming(&shop, "b", &jane))] {
        let made = shop.upsert(&said).await.unwrap();
        assert!(active(&shop, &made).await.is_none(), "{key}");
    }
    shop.record(&sale("s", "a", 100)).await;
    shop.transition(Transition::Archive).await;
    let closed = shop.upsert(&customer(shop.program.id, "d")).await;
    assert!(matches!(closed, Err(UpsertError::WrongState { .. })));
}

/// A link of a suspended partner brings nobody; named they are kept, and the sale says why it earned nothing.
#[tokio::test]
async fn a_suspended_partner_is_no_candidate_unless_named() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.suspend(jane.id).await;
    let linked = shop.upsert(&by_link(&shop, "a", "jane")).await.unwrap();
    assert!(active(&shop, &linked).await.is_none());
    let named = shop.upsert(&naming(&shop, "b", &jane)).await.unwrap();
    assert_eq!(active(&shop, &named).await.unwrap().partner_id, jane.id);
    let of = [shop.record(&sale("s1", "a", 100)).await, shop.record(&sale("s2", "b", 100)).await];
    shop.settle().await;
    assert_eq!(shop.result(&of[0]).await, "NO_ATTRIBUTION");
    assert_eq!(shop.result(&of[1]).await, "PARTNER_NOT_APPROVED");
    shop.assert_verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_at_once_make_one_customer() {
    let shop = Shop::open().await;
    let partners = [shop.partner("jane").await, shop.partner("joe").await];
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (db, scope, act) = (shop.world.db.clone(), shop.scope.clone(), shop.world.act());
            let said = CustomerUpsert {
                tags: Some(vec![format!("t{}", number % 4)]),
                ..naming(&shop, "c", &partners[number % 2])
            };
            tokio::spawn(async move {
                Customer::upsert(&mut db.get().await.unwrap(), &scope, &said, &act).await.unwrap().id
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(shop.world.count("attributions").await, 1);
    let told = told(&shop).await;
    assert_eq!(told.iter().filter(|kind| *kind == "customer.created").count(), 1);
    assert_eq!(told.iter().filter(|kind| *kind == "customer.attributed").count(), 1);
}

/// A caller who sends all customers each night says again when they signed up, however long ago.
#[tokio::test]
async fn an_old_sign_up_may_be_said_again() {
    let mut shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let said = CustomerUpsert { signed_up_at: Some(shop.world.now), ..by_link(&shop, "c", "jane") };
    let made = shop.upsert(&said).await.unwrap();
    shop.world.pass(days(91));
    assert_eq!(shop.upsert(&said).await.unwrap().id, made.id);
    let unattributed = CustomerUpsert { key: "d".to_owned(), ..said.clone() };
    assert!(matches!(shop.upsert(&unattributed).await, Err(UpsertError::Invalid(_))));
    shop.upsert(&customer(shop.program.id, "e")).await.unwrap();
    let backdated = CustomerUpsert { signed_up_at: said.signed_up_at, ..naming(&shop, "e", &jane) };
    assert!(matches!(shop.upsert(&backdated).await, Err(UpsertError::Invalid(_))), "it would begin then");
}

#[tokio::test]
async fn lists_stay_within_reach() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let made = shop.customer_of("Key_1", &jane).await;
    shop.upsert(&customer(shop.program.id, "Keyx1")).await.unwrap();
    let conn = &mut *shop.world.conn().await;
    let stranger = account(&shop.world).await;
    assert!(Customer::find(conn, &stranger, made.id).await.unwrap().is_none());
    assert!(Customer::find_by_key(conn, &stranger, shop.program.id, "Key_1").await.unwrap().is_none());
    let search = CustomerFilter { search: Some("y_1".to_owned()), ..CustomerFilter::default() };
    let theirs = CustomerFilter { partners: vec![jane.id], ..CustomerFilter::default() };
    for filter in [&search, &theirs] {
        let page = Customer::list(conn, &shop.scope, filter, PageArgs::new(10, None)).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [made.id]);
        assert_eq!(Customer::count(conn, &shop.scope, filter, 100).await.unwrap(), 1);
        assert_eq!(Customer::count(conn, &stranger, filter, 100).await.unwrap(), 0);
    }
}

/// The trail says who was made, what changed, and whom it was given to; never what the fields say.
#[tokio::test]
async fn the_trail_names_what_changed() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let said = |name: &str| CustomerUpsert {
        email: Some("c@example.com".to_owned()),
        name: Some(name.to_owned()),
        ..customer(shop.program.id, "c")
    };
    shop.upsert(&said("Carl")).await.unwrap();
    shop.upsert(&said("Carl")).await.unwrap();
    let touch = Some(Touch::Partner(jane.id));
    shop.upsert(&CustomerUpsert { touch, tags: Some(vec!["vip".to_owned()]), ..said("Karl") }).await.unwrap();
    shop.record(&sale("s", "of a sale", 100)).await;
    let trail =
        "SELECT after #>> '{}' AS line FROM audit_entries WHERE action = 'customerUpsert' ORDER BY id";
    let expected = [
        serde_json::json!({ "created": true, "changed": [], "attributedTo": null }),
        serde_json::json!({ "created": false, "changed": ["name", "tags"], "attributedTo": jane.id }),
    ];
    let told: Vec<serde_json::Value> =
        shop.lines(trail).await.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn many_are_answered_one_by_one() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let known = shop.customer_of("known", &jane).await;
    let named =
        |key: &str, name: &str| CustomerUpsert { name: Some(name.to_owned()), ..by_link(&shop, key, "jane") };
    let said = [
        named("new", "Ann"),
        by_link(&shop, "lost", "nobody"),
        CustomerUpsert { email: Some("x".to_owned()), ..by_link(&shop, "odd", "jane") },
        named("known", "Kim"),
        named("new", "Anne"),
        naming(&shop, "other", &jane),
    ];
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let stored = Customer::upsert_all(conn, &shop.scope, shop.program.id, &said, &act).await.unwrap();
    let short: Vec<String> = stored
        .iter()
        .map(|answer| match answer {
            Ok(customer) => format!("{} {}", customer.key, customer.name.as_deref().unwrap_or("-")),
            Err(UpsertRefusal::Invalid(problems)) => format!("{:?}", problems[0].path),
            Err(UpsertRefusal::TouchNotFound(touch)) => format!("{touch:?}"),
            Err(other) => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        short,
        ["new Ann", "LinkSlug(\"nobody\")", "[\"email\"]", "known Kim", "new Anne", "other -"],
        "the same key again changes what the first said"
    );
    assert_eq!(stored[3].as_ref().unwrap().id, known.id);
    for customer in stored.iter().flatten() {
        assert_eq!(active(&shop, customer).await.unwrap().partner_id, jane.id, "{}", customer.key);
    }
    assert_eq!(shop.world.count("customers").await, 3);
    assert_eq!(
        told(&shop).await,
        [
            "customer.created",
            "customer.attributed",
            "customer.created",
            "customer.created",
            "customer.updated",
            "customer.updated",
            "customer.attributed",
            "customer.attributed",
        ]
    );
    assert_eq!(shop.world.count("audit_entries WHERE action = 'customerUpsert'").await, 5);
}
