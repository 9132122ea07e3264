//! Customers who are given to another partner.

use domain::{
    attribution::{PastRewards, Touch},
    customers::{Customer, CustomerUpsert, ReassignError, Reassignment},
    partners::Partner,
    programs::{ProgramKind, Transition},
};

use crate::{
    partners::account,
    shop::{Shop, customer, days},
};

fn to(customer: &Customer, partner: Option<&Partner>) -> Reassignment {
    Reassignment {
        customer_id: customer.id,
        partner_id: partner.map(|partner| partner.id),
        past_rewards: PastRewards::Keep,
        reason: "a mistake".to_owned(),
        idempotency_key: format!("{:?}", partner.map(|partner| partner.id)),
    }
}

async fn reassign(shop: &Shop, said: &Reassignment) -> Result<Customer, ReassignError> {
    Customer::reassign(&mut *shop.world.conn().await, &shop.scope, said, &shop.world.act()).await
}

/// Partner, status, source and time of every attribution, and whether the sign-up counts for it.
async fn attributions(shop: &Shop) -> Vec<String> {
    let rows = "SELECT concat_ws(' ', p.key, a.status, a.source, a.at::date, CASE WHEN a.counted_at IS NULL THEN '-' \
        ELSE 'counts' END) AS line FROM attributions a JOIN partners p ON p.id = a.partner_id ORDER BY a.id";
    shop.lines(rows).await
}

/// Sign-ups of each partner.
pub async fn signups(shop: &Shop) -> Vec<String> {
    let sums = "SELECT p.key || ' ' || sum(d.signups) AS line FROM stat_deltas d JOIN partners p ON p.id = d.partner_id \
        GROUP BY p.key ORDER BY p.key";
    shop.lines(sums).await
}

#[tokio::test]
async fn the_first_attribution_gives_the_time_and_one_is_active() {
    let mut shop = Shop::open().await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let ann = shop.customer_of("ann", &jane).await;
    shop.world.pass(days(5));
    reassign(&shop, &to(&ann, Some(&joe))).await.unwrap();
    let rows = ["jane REASSIGNED LINK 2026-11-22 counts", "joe ACTIVE MANUAL 2026-11-22 -"];
    assert_eq!(attributions(&shop).await, rows);
    assert_eq!(signups(&shop).await, ["jane 1"], "figures stay with past rewards");
    shop.world.pass(days(5));
    reassign(&shop, &to(&ann, None)).await.unwrap();
    assert_eq!(attributions(&shop).await[1], "joe REVOKED MANUAL 2026-11-22 -");
    // What calls say of it later gives it to nobody.
    for touch in [Touch::Partner(jane.id), Touch::LinkSlug("joe".to_owned())] {
        shop.upsert(&CustomerUpsert { touch: Some(touch), ..customer(shop.program.id, "ann") })
            .await
            .unwrap();
    }
    assert_eq!(attributions(&shop).await.len(), 2);
    let back = Reassignment { past_rewards: PastRewards::Move, ..to(&ann, Some(&joe)) };
    let again = reassign(&shop, &back).await;
    assert!(matches!(again, Err(ReassignError::IdempotencyMismatch)), "{again:?}");
    reassign(&shop, &Reassignment { idempotency_key: "back".to_owned(), ..back }).await.unwrap();
    assert_eq!(attributions(&shop).await[2], "joe ACTIVE MANUAL 2026-11-22 counts");
    assert_eq!(signups(&shop).await, ["jane 0", "joe 1"], "figures move with past rewards");
    shop.assert_verified().await;
}

/// By way of nobody or at once, the sign-up counts for the last one, since the same time.
#[tokio::test]
async fn figures_come_back_from_nobody() {
    let mut shop = Shop::open().await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let ann = shop.customer_of("ann", &jane).await;
    shop.world.pass(days(5));
    let moved = |key: &str, partner| Reassignment {
        past_rewards: PastRewards::Move,
        idempotency_key: key.to_owned(),
        ..to(&ann, partner)
    };
    reassign(&shop, &moved("away", None)).await.unwrap();
    assert_eq!(signups(&shop).await, ["jane 0"]);
    shop.world.pass(days(5));
    reassign(&shop, &moved("on", Some(&joe))).await.unwrap();
    assert_eq!(attributions(&shop).await[1], "joe ACTIVE MANUAL 2026-11-22 counts");
    let counted =
        "SELECT DISTINCT counted_at::date::text AS line FROM attributions WHERE counted_at IS NOT NULL";
    assert_eq!(shop.lines(counted).await, ["2026-11-22"]);
    assert_eq!(signups(&shop).await, ["jane 0", "joe 1"]);
    shop.assert_verified().await;
}

#[tokio::test]
async fn it_is_told_and_kept_with_its_reason() {
    let mut shop = Shop::open().await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    let ann = shop.customer_of("ann", &jane).await;
    let at = shop.world.now;
    shop.world.pass(days(1));
    let said = to(&ann, Some(&joe));
    reassign(&shop, &said).await.unwrap();
    reassign(&shop, &said).await.unwrap();
    let payload = serde_json::json!({ "customerId": ann.id, "fromPartnerId": jane.id, "toPartnerId": joe.id,
        "attributedAt": at, "pastRewards": "KEEP" });
    let told =
        shop.lines("SELECT payload::text AS line FROM events WHERE kind = 'customer.reassigned'").await;
    assert_eq!(
        told.iter().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>(),
        [payload]
    );
    let trail = format!(
        "audit_entries WHERE action = 'customerReassign' AND target = '{}' AND after ->> 'reason' = 'a mistake' \
         AND before ->> 'partnerId' = '{}' AND after ->> 'partnerId' = '{}'",
        ann.id, jane.id, joe.id
    );
    assert_eq!(shop.world.count(&trail).await, 1);
}

#[tokio::test]
async fn an_organic_customer_is_of_its_first_partner_from_now_on() {
    let mut shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    let ann = shop.upsert(&customer(shop.program.id, "ann")).await.unwrap();
    shop.world.pass(days(3));
    reassign(&shop, &to(&ann, Some(&jane))).await.unwrap();
    assert_eq!(attributions(&shop).await, ["jane ACTIVE MANUAL 2026-11-25 counts"]);
    assert_eq!(signups(&shop).await, ["jane 1"]);
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let shop = Shop::of_kind(ProgramKind::Referral).await;
    let jane = shop.partner("jane").await;
    let own =
        CustomerUpsert { email: Some("ann@example.com".to_owned()), ..customer(shop.program.id, "ann") };
    let ann = shop.upsert(&own).await.unwrap();
    let said =
        CustomerUpsert { touch: Some(Touch::Referrer("ann".to_owned())), ..customer(shop.program.id, "bob") };
    shop.upsert(&said).await.unwrap();
    let conn = &mut *shop.world.conn().await;
    let referrer = Partner::of_customers(conn, &shop.scope, &[ann.id]).await.unwrap().remove(0);
    assert!(matches!(reassign(&shop, &to(&ann, Some(&referrer))).await, Err(ReassignError::Itself)));
    assert!(matches!(reassign(&shop, &to(&ann, None)).await, Err(ReassignError::Unchanged)));
    reassign(&shop, &to(&ann, Some(&jane))).await.unwrap();
    let twice = Reassignment { idempotency_key: "twice".to_owned(), ..to(&ann, Some(&jane)) };
    assert!(matches!(reassign(&shop, &twice).await, Err(ReassignError::Unchanged)));
    let wordless = Reassignment { reason: " ".to_owned(), ..to(&ann, None) };
    assert!(matches!(reassign(&shop, &wordless).await, Err(ReassignError::Invalid(_))));
    let elsewhere = crate::partners::program(&shop.world, &shop.scope, "Other").await;
    let stranger = crate::partners::person(elsewhere.id, "eve@example.com");
    let stranger = Partner::create(conn, &shop.scope, &stranger, &shop.world.act()).await.unwrap();
    assert!(matches!(reassign(&shop, &to(&ann, Some(&stranger))).await, Err(ReassignError::PartnerNotFound)));
    let outside = account(&shop.world).await;
    let foreign = Customer::reassign(conn, &outside, &to(&ann, None), &shop.world.act()).await;
    assert!(matches!(foreign, Err(ReassignError::NotFound)), "{foreign:?}");
    shop.transition(Transition::Archive).await;
    assert!(matches!(reassign(&shop, &to(&ann, None)).await, Err(ReassignError::WrongState { .. })));
}

/// Two persons, two partners, at once: one attribution is active, and the last one told of is it.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_leave_one_active() {
    let shop = Shop::open().await;
    let partners = [shop.partner("a").await, shop.partner("b").await, shop.partner("c").await];
    let ann = shop.customer_of("ann", &partners[2]).await;
    for round in 0..8 {
        let tasks = [0, 1].map(|number| {
            let (db, scope, act) = (shop.world.db.clone(), shop.scope.clone(), shop.world.act());
            let past_rewards = if round % 2 == 0 { PastRewards::Keep } else { PastRewards::Move };
            let key = format!("{round} {number}");
            let said =
                Reassignment { idempotency_key: key, past_rewards, ..to(&ann, Some(&partners[number])) };
            tokio::spawn(async move {
                Customer::reassign(&mut db.get().await.unwrap(), &scope, &said, &act).await
            })
        });
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) | Err(ReassignError::Unchanged) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(shop.world.count("attributions WHERE status = 'ACTIVE'").await, 1);
    }
    let conn = &mut *shop.world.conn().await;
    let active = domain::attribution::Attribution::active_of(conn, &shop.scope, &[ann.id]).await.unwrap();
    let told = shop
        .lines("SELECT payload ->> 'toPartnerId' AS line FROM events WHERE kind = 'customer.reassigned' ORDER BY seq")
        .await;
    assert_eq!(told.last(), Some(&active[0].partner_id.to_string()));
    shop.assert_verified().await;
}
