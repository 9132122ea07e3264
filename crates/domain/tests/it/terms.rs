use domain::{
    attribution::Touch,
    customers::CustomerUpsert,
    page::PageArgs,
    programs::{Grandfathering, Program, ProgramChanges, Transition},
    terms::{DraftTerms, PublishError, PutDraftError, Terms, TermsFilter},
};
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, customer, days, percent, sale, terms},
};

async fn put(shop: &Shop, draft: &DraftTerms) -> Result<Terms, PutDraftError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Terms::put_draft(conn, &shop.scope, shop.program.id, draft, &act).await
}

async fn publish(shop: &Shop, draft: &Terms, days_from_now: i64) -> Result<Terms, PublishError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let from = shop.world.now + days(days_from_now);
    Terms::publish(conn, &shop.scope, draft.id, Some(from), &act).await
}

#[tokio::test]
async fn there_is_one_draft_and_numbers_count_up() {
    let shop = Shop::empty().await;
    let first = put(&shop, &percent("10")).await.unwrap();
    let replaced = put(&shop, &DraftTerms { hold_days: 7, ..percent("20") }).await.unwrap();
    assert_eq!((replaced.id, replaced.number, replaced.hold_days), (first.id, 1, 7));
    assert_eq!(replaced.rules().unwrap(), domain::terms::parse_rules(&percent("20").rules).unwrap());
    let published = publish(&shop, &replaced, 0).await.unwrap();
    assert_eq!((published.id, published.number), (first.id, 1));
    let second = put(&shop, &percent("30")).await.unwrap();
    assert_eq!((second.number, second.is_published()), (2, false));
    let conn = &mut *shop.world.conn().await;
    let page =
        Terms::list(conn, &shop.scope, shop.program.id, &TermsFilter::default(), PageArgs::new(10, None))
            .await
            .unwrap();
    assert_eq!(page.rows.iter().map(|terms| terms.number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(shop.world.count("events WHERE kind = 'terms.published'").await, 1);
}

#[tokio::test]
async fn nothing_wrong_is_stored() {
    let shop = Shop::empty().await;
    let tiered = json!([{ "id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "tiers": [],
        "value": { "type": "PERCENT", "percent": "1001" } }]);
    let Err(PutDraftError::Rules(problems)) = put(&shop, &terms(tiered)).await else { panic!() };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(paths, ["rules.0.value.percent", "rules.0.tiers"]);
    let late = DraftTerms { hold_days: -1, ..percent("1") };
    assert!(matches!(put(&shop, &late).await, Err(PutDraftError::OutOfRange { field: "holdDays", .. })));
    let old = DraftTerms { rate_max_age_days: Some(3651), ..percent("1") };
    assert!(matches!(put(&shop, &old).await, Err(PutDraftError::OutOfRange { field: "rateMaxAgeDays", .. })));
    assert_eq!(shop.world.count("terms").await, 0);
    shop.transition(Transition::Archive).await;
    assert!(matches!(put(&shop, &percent("1")).await, Err(PutDraftError::WrongState { .. })));
}

#[tokio::test]
async fn out_of_reach_there_are_no_terms() {
    let shop = Shop::empty().await;
    let draft = put(&shop, &percent("10")).await.unwrap();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let stranger = account(&shop.world).await;
    let drafted = Terms::put_draft(conn, &stranger, shop.program.id, &percent("1"), &act).await;
    assert!(matches!(drafted, Err(PutDraftError::NotFound)));
    let published = Terms::publish(conn, &stranger, draft.id, None, &act).await;
    assert!(matches!(published, Err(PublishError::NotFound)));
    assert!(Terms::find_all(conn, &stranger, &[draft.id]).await.unwrap().is_empty());
    let page =
        Terms::list(conn, &stranger, shop.program.id, &TermsFilter::default(), PageArgs::new(10, None))
            .await
            .unwrap();
    assert!(page.rows.is_empty());
}

/// M9: the verb says so, and so does the database.
#[tokio::test]
async fn published_terms_never_change() {
    let shop = Shop::empty().await;
    let draft = put(&shop, &percent("10")).await.unwrap();
    shop.world.execute("UPDATE terms SET hold_days = 8").await;
    let published = publish(&shop, &draft, 0).await.unwrap();
    assert!(matches!(publish(&shop, &published, 0).await, Err(PublishError::AlreadyPublished)));
    for change in [
        "UPDATE terms SET hold_days = 9",
        "UPDATE terms SET rules = '[]'",
        "UPDATE terms SET effective_from = effective_from - interval '1 day'",
        "UPDATE terms SET published_at = NULL, effective_from = NULL, content_hash = NULL, published_by = NULL",
        "DELETE FROM terms",
    ] {
        let refused = shop.refused(change).await;
        assert!(refused.contains("terms is append-only"), "{change}: {refused}");
    }
    assert_eq!(shop.world.count("terms WHERE hold_days = 8").await, 1);
}

/// Publishing twice at once publishes once.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_publications_wins() {
    let shop = Shop::empty().await;
    let draft = put(&shop, &percent("10")).await.unwrap();
    let (one, two) = tokio::join!(publish(&shop, &draft, 0), publish(&shop, &draft, 0));
    let lost = [one, two].into_iter().filter(|done| matches!(done, Err(PublishError::AlreadyPublished)));
    assert_eq!(lost.count(), 1);
    assert_eq!(shop.world.count("events WHERE kind = 'terms.published'").await, 1);
}

/// T2: into the past only as far as nothing at or after the instant was evaluated.
#[tokio::test]
async fn the_past_is_promised_only_where_nothing_was_evaluated() {
    let shop = Shop::open().await;
    shop.partner("jane").await;
    let (touch, signed_up_at) = (Some(Touch::LinkSlug("jane".to_owned())), Some(shop.world.now - days(10)));
    let said = CustomerUpsert { touch, signed_up_at, ..customer(shop.program.id, "c") };
    shop.upsert(&said).await.unwrap();
    let at = |days_ago: i64| Some(shop.world.now - days(days_ago));
    let next = put(&shop, &percent("50")).await.unwrap();
    shop.record(&domain::transactions::NewTransaction { occurred_at: at(5), ..sale("s1", "c", 100) }).await;
    // Recorded, and in the feed, but not evaluated: the new version still counts for it.
    shop.sequence().await;
    let published = publish(&shop, &next, -6).await.unwrap();
    assert_eq!(published.effective_from, at(6));
    shop.settle().await;
    let third = put(&shop, &percent("60")).await.unwrap();
    for refused in [-6, -5] {
        let error = publish(&shop, &third, refused).await;
        assert!(matches!(error, Err(PublishError::AlreadyEvaluated { latest }) if Some(latest) == at(5)));
    }
    publish(&shop, &third, -4).await.unwrap();
    shop.assert_verified().await;
}

#[tokio::test]
async fn the_hash_is_of_what_was_promised() {
    let (one, other) = (Shop::empty().await, Shop::empty().await);
    let mut hashes = Vec::new();
    for shop in [&one, &other] {
        // Words that mean the same, in another order and with a default said.
        let rules = json!([{ "value": { "percent": "10", "type": "PERCENT" }, "beneficiary": "PARTNER",
            "priority": 0, "trigger": "SALE", "id": "base" }]);
        let draft = if hashes.is_empty() { percent("10") } else { terms(rules) };
        let draft = put(shop, &draft).await.unwrap();
        assert_eq!(draft.content_hash, None);
        hashes.push(publish(shop, &draft, 0).await.unwrap().content_hash.unwrap());
    }
    assert_eq!(one.program.id, other.program.id, "both worlds have the same seed");
    assert_eq!(hashes[0], hashes[1]);
    let second = put(&one, &percent("10")).await.unwrap();
    assert_ne!(publish(&one, &second, 1).await.unwrap().content_hash.unwrap(), hashes[0]);
}

/// The customer came under 10 %, then 50 % were published.
#[tokio::test]
async fn earlier_customers_keep_their_terms_or_follow() {
    for (policy, expected) in [
        (Grandfathering::Keep, ["base 10 HELD", "base 10 HELD", "base 50 HELD"]),
        (Grandfathering::Follow, ["base 10 HELD", "base 50 HELD", "base 50 HELD"]),
    ] {
        let mut shop = Shop::empty().await;
        let changes = ProgramChanges { grandfathering: Some(policy), ..ProgramChanges::default() };
        let conn = &mut *shop.world.conn().await;
        Program::update(conn, &shop.scope, shop.program.id, &changes, &shop.world.act()).await.unwrap();
        shop.publish(&percent("10"), None).await;
        shop.transition(Transition::Activate).await;
        let jane = shop.partner("jane").await;
        shop.customer_of("early", &jane).await;
        let first = shop.record(&sale("s1", "early", 100)).await;
        shop.world.pass(days(10));
        shop.publish(&percent("50"), None).await;
        shop.customer_of("late", &jane).await;
        let second = shop.record(&sale("s2", "early", 100)).await;
        let third = shop.record(&sale("s3", "late", 100)).await;
        shop.settle().await;
        for (sale, expected) in [first, second, third].iter().zip(expected) {
            assert_eq!(shop.result(sale).await, expected, "{policy} {}", sale.key);
        }
        shop.assert_verified().await;
    }
}

#[tokio::test]
async fn an_amount_per_unit_has_a_bound_of_its_own() {
    let shop = Shop::empty().await;
    let fixed = |amount: &str, per: serde_json::Value| {
        terms(json!([{ "id": "a", "trigger": "SALE", "beneficiary": "PARTNER",
            "value": { "type": "FIXED", "amount": amount, "per": per } }]))
    };
    put(&shop, &fixed("1000000000", json!(null))).await.unwrap();
    put(&shop, &fixed("1000000", json!("UNIT"))).await.unwrap();
    let Err(PutDraftError::Rules(problems)) = put(&shop, &fixed("1000000.01", json!("UNIT"))).await else {
        panic!()
    };
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let form =
        "rules.0.value.amount: must be a decimal text from \"0\" to \"1000000\", as it is paid per unit";
    assert_eq!(said, [form]);
}
