//! Refer-a-friend: customers who bring customers.

use domain::{
    attribution::{Attribution, AttributionSource, Touch},
    customers::{Customer, CustomerName, CustomerUpsert, EnrolError, ReferrerProblem, UpsertError},
    partners::{Partner, PartnerProfile, PartnerStatus},
    programs::{ProgramKind, Transition},
    terms::DraftTerms,
    transactions::{NewTransaction, RecordRefusal},
};

use serde_json::json;

use crate::shop::{Shop, customer, days, sale, terms};

fn with_email(shop: &Shop, key: &str) -> CustomerUpsert {
    CustomerUpsert { email: Some(format!("{key}@example.com")), ..customer(shop.program.id, key) }
}

fn referred_by(shop: &Shop, key: &str, referrer: &str) -> CustomerUpsert {
    CustomerUpsert { touch: Some(Touch::Referrer(referrer.to_owned())), ..with_email(shop, key) }
}

async fn enrol(shop: &Shop, key: &str, partner_key: Option<&str>) -> Result<Customer, EnrolError> {
    let name = CustomerName::Key { program_id: shop.program.id, key: key.to_owned() };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Customer::enrol(conn, &shop.scope, &name, partner_key, &act).await
}

/// The referrer that the customer is.
async fn referrer(shop: &Shop, customer: &Customer) -> Option<Partner> {
    let conn = &mut *shop.world.conn().await;
    Partner::of_customers(conn, &shop.scope, &[customer.id]).await.unwrap().pop()
}

async fn partner_of(shop: &Shop, customer: &Customer) -> Option<Attribution> {
    let conn = &mut *shop.world.conn().await;
    Attribution::active_of(conn, &shop.scope, &[customer.id]).await.unwrap().pop()
}

#[tokio::test]
async fn a_customer_is_enrolled_once_as_an_approved_partner() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    let said = CustomerUpsert { name: Some("Ann".to_owned()), ..with_email(&shop, "Ann-1") };
    let ann = shop.upsert(&said).await.unwrap();
    enrol(&shop, "Ann-1", None).await.unwrap();
    let partner = referrer(&shop, &ann).await.unwrap();
    assert_eq!((partner.key.as_str(), partner.status), ("ann-1", PartnerStatus::Approved));
    let conn = &mut *shop.world.conn().await;
    let profile = PartnerProfile::find_all(conn, &shop.scope, &[partner.profile_id]).await.unwrap().remove(0);
    assert_eq!((profile.name.as_str(), profile.email.as_str()), ("Ann", "Ann-1@example.com"));
    enrol(&shop, "Ann-1", Some("another")).await.unwrap();
    assert_eq!(referrer(&shop, &ann).await, Some(partner), "said again nothing happens");
    assert_eq!(shop.world.count("partners").await, 1);
    assert_eq!(shop.world.count("audit_entries WHERE action = 'customerEnrol'").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_public_key_tells_no_address_and_is_of_one_partner() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    let address = CustomerUpsert { key: "joe@example.com".to_owned(), ..with_email(&shop, "joe") };
    let joe = shop.upsert(&address).await.unwrap();
    enrol(&shop, "joe@example.com", None).await.unwrap();
    assert_eq!(referrer(&shop, &joe).await.unwrap().key.len(), 8, "one of chance");
    let ann = shop.upsert(&with_email(&shop, "ann")).await.unwrap();
    shop.partner("ann-link").await;
    let taken = enrol(&shop, "ann", Some("ANN-link")).await;
    assert!(matches!(taken, Err(EnrolError::KeyTaken)), "{taken:?}");
    assert!(matches!(enrol(&shop, "ann", Some("a b")).await, Err(EnrolError::Invalid(_))));
    enrol(&shop, "ann", Some("refer-ann")).await.unwrap();
    assert_eq!(referrer(&shop, &ann).await.unwrap().key, "refer-ann");
    // A key that somebody has already is no hindrance unless it was asked for.
    let other = shop.upsert(&with_email(&shop, "refer-ann")).await.unwrap();
    enrol(&shop, "refer-ann", None).await.unwrap();
    assert_eq!(referrer(&shop, &other).await.unwrap().key.len(), 8);
}

#[tokio::test]
async fn who_cannot_refer_is_told_why() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    shop.upsert(&customer(shop.program.id, "mute")).await.unwrap();
    assert!(matches!(enrol(&shop, "mute", None).await, Err(EnrolError::EmailMissing)));
    assert!(matches!(enrol(&shop, "nobody", None).await, Err(EnrolError::NotFound)));
    shop.partner("jane").await;
    shop.upsert(&with_email(&shop, "jane")).await.unwrap();
    assert!(matches!(enrol(&shop, "jane", None).await, Err(EnrolError::AlreadyPartner)));
    for (said, expected) in [
        (referred_by(&shop, "new", "mute"), ReferrerProblem::EmailMissing),
        (referred_by(&shop, "new", "jane"), ReferrerProblem::AlreadyPartner),
        (referred_by(&shop, "new", " new "), ReferrerProblem::Itself),
    ] {
        let refused = shop.upsert(&said).await;
        assert!(matches!(refused, Err(UpsertError::Referrer(problem)) if problem == expected), "{refused:?}");
    }
    let unknown = shop.upsert(&referred_by(&shop, "new", "nobody")).await;
    assert!(matches!(unknown, Err(UpsertError::TouchNotFound(Touch::Referrer(_)))), "{unknown:?}");
    assert_eq!(shop.world.count("customers WHERE key = 'new'").await, 0);
    let affiliate = Shop::open().await;
    affiliate.upsert(&with_email(&affiliate, "ann")).await.unwrap();
    let refused = enrol(&affiliate, "ann", None).await;
    assert!(matches!(refused, Err(EnrolError::WrongKind { kind: ProgramKind::Affiliate })), "{refused:?}");
    let refused = affiliate.upsert(&referred_by(&affiliate, "new", "ann")).await;
    let kind = ReferrerProblem::WrongKind { kind: ProgramKind::Affiliate };
    assert!(matches!(refused, Err(UpsertError::Referrer(problem)) if problem == kind), "{refused:?}");
}

#[tokio::test]
async fn whoever_is_named_refers_and_is_enrolled_at_once() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    let ann = shop.upsert(&with_email(&shop, "ann")).await.unwrap();
    let bob = shop.upsert(&referred_by(&shop, "bob", " ann ")).await.unwrap();
    let partner = referrer(&shop, &ann).await.unwrap();
    let attribution = partner_of(&shop, &bob).await.unwrap();
    assert_eq!((attribution.partner_id, attribution.source), (partner.id, AttributionSource::Api));
    let told =
        "SELECT kind AS line FROM events WHERE kind LIKE 'customer.%' OR kind LIKE 'partner.%' ORDER BY seq";
    let kinds = ["customer.created", "partner.approved", "customer.created", "customer.attributed"];
    assert_eq!(shop.lines(told).await, kinds);
    // One who is not attributed yet never is to itself, by whatever name.
    for touch in
        [Touch::Partner(partner.id), Touch::PartnerKey("ann".to_owned()), Touch::Referrer("ann".to_owned())]
    {
        let own = shop.upsert(&CustomerUpsert { touch: Some(touch), ..with_email(&shop, "ann") }).await;
        assert!(matches!(own, Err(UpsertError::Referrer(ReferrerProblem::Itself))), "{own:?}");
    }
    shop.transition(Transition::Pause).await;
    let carl = shop.upsert(&referred_by(&shop, "carl", "bob")).await.unwrap();
    assert_eq!(
        partner_of(&shop, &carl).await.map(|one| one.partner_id),
        None,
        "a paused program attributes nobody"
    );
    assert!(referrer(&shop, &bob).await.is_none());
    shop.assert_verified().await;
}

fn bought(key: &str, buyer: &str, referrer: &str) -> NewTransaction {
    NewTransaction { referring_customer_key: Some(referrer.to_owned()), ..sale(key, buyer, 1_000) }
}

#[tokio::test]
async fn a_sale_names_who_referred_its_buyer() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    shop.upsert(&with_email(&shop, "ann")).await.unwrap();
    shop.upsert(&with_email(&shop, "old")).await.unwrap();
    let then = shop.world.now - days(2);
    let first = NewTransaction { occurred_at: Some(then), ..bought("s1", "bob", "ann") };
    // The first sale that names somebody decides; who has a partner keeps it.
    let sales =
        [first.clone(), bought("s2", "bob", "old"), bought("s3", "old", "ann"), sale("s4", "eve", 1_000)];
    let recorded: Vec<_> = shop.try_record(&sales).await.unwrap().into_iter().map(Result::unwrap).collect();
    shop.settle().await;
    let whose = "SELECT c.key || ' ' || p.key || ' ' || (a.at = c.signed_up_at) AS line FROM customers c \
        JOIN attributions a ON a.customer_id = c.id JOIN partners p ON p.id = a.partner_id ORDER BY 1";
    assert_eq!(shop.lines(whose).await, ["bob ann true", "old ann true"]);
    let mut results = Vec::new();
    for sale in &recorded {
        results.push(shop.result(sale).await);
    }
    // The sale happened before terms were published; attributed it was all the same.
    assert_eq!(results, ["NO_TERMS", "base 300 HELD", "base 300 HELD", "NO_ATTRIBUTION"]);
    let named = "events WHERE kind = 'customer.created' AND payload ->> 'partnerId' IS NOT NULL";
    assert_eq!(shop.world.count(named).await, 1, "the event of the new customer knows its partner");
    assert_eq!(shop.record(&first).await.id, recorded[0].id, "a replay");
    let other = NewTransaction { referring_customer_key: Some("old".to_owned()), ..first };
    let mismatch = shop.try_record(&[other]).await.unwrap().remove(0);
    assert!(matches!(mismatch, Err(RecordRefusal::KeyMismatch)), "{mismatch:?}");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_sale_that_names_nobody_who_can_refer_is_refused_and_its_key_stays_free() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    shop.upsert(&customer(shop.program.id, "mute")).await.unwrap();
    let sales = [
        bought("s1", "bob", "nobody"),
        bought("s2", "bob", "mute"),
        bought("s3", "bob", "bob"),
        sale("s4", "eve", 100),
    ];
    let answers = shop.try_record(&sales).await.unwrap();
    let problems: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            Err(RecordRefusal::Referrer(problem)) => Some(*problem),
            _ => None,
        })
        .collect();
    assert_eq!(problems, [ReferrerProblem::NotFound, ReferrerProblem::EmailMissing, ReferrerProblem::Itself]);
    assert!(answers[3].is_ok());
    assert_eq!(shop.world.count("customers WHERE key = 'bob'").await, 0);
    shop.record(&sale("s1", "bob", 100)).await;
}

/// However many name one customer at once, it becomes one partner, and each newcomer is its own.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_at_once_enrol_one_referrer() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    let ann = shop.upsert(&with_email(&shop, "ann")).await.unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (db, scope, act) = (shop.world.db.clone(), shop.scope.clone(), shop.world.act());
            let said = referred_by(&shop, &format!("c{}", number % 8), "ann");
            tokio::spawn(async move {
                let conn = &mut db.get().await.unwrap();
                match number % 2 {
                    0 => Customer::upsert(conn, &scope, &said, &act).await.is_ok(),
                    _ => {
                        let name = CustomerName::Id(ann.id);
                        Customer::enrol(conn, &scope, &name, None, &act).await.is_ok()
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(shop.world.count("partners").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'partner.approved'").await, 1);
    assert_eq!(shop.world.count("attributions WHERE status = 'ACTIVE'").await, 4);
    shop.assert_verified().await;
}

/// Whoever was promised something as a customer gets it, if the terms say so; their suspended referrer gets nothing, and nothing
/// of it counts for them.
#[tokio::test]
async fn customers_of_a_suspended_partner_get_theirs_if_the_terms_say_so() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"}},
        {"id": "back", "trigger": "SALE", "beneficiary": "REFERRED", "value": {"type": "FIXED", "amount": "8"}},
        {"id": "first", "trigger": "MILESTONE", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "5"},
            "milestone": {"metric": "SALES", "at": ["1"]}},
    ]);
    for (referred_while_suspended, expected) in [(true, "back 800 HELD"), (false, "PARTNER_NOT_APPROVED")] {
        let shop = Shop::open_with(&DraftTerms { referred_while_suspended, ..terms(rules.clone()) }).await;
        let jane = shop.partner("jane").await;
        shop.customer_of("ann", &jane).await;
        shop.suspend(jane.id).await;
        let sold = shop.record(&sale("s", "ann", 10_000)).await;
        shop.settle().await;
        assert_eq!(shop.result(&sold).await, expected);
        assert_eq!(shop.balance(jane.id).await, "none");
        shop.reinstate(jane.id).await;
        shop.record(&sale("next", "ann", 100)).await;
        shop.settle().await;
        assert_eq!(shop.balance(jane.id).await, "530 0 0 0", "30 cents, and the first sale that counts");
        shop.assert_verified().await;
    }
}
