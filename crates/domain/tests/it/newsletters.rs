//! Newsletters: subscribers, who count once they have confirmed.

use domain::{
    attribution::Touch,
    customers::{ConfirmError, Customer, CustomerName, CustomerUpsert, UpsertError},
    programs::{ProgramKind, Transition},
    scope::AccountScope,
};
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, customer, days, sale},
};

fn waiting(shop: &Shop, key: &str) -> CustomerUpsert {
    CustomerUpsert { confirmed: Some(false), ..customer(shop.program.id, key) }
}

fn brought(shop: &Shop, key: &str) -> CustomerUpsert {
    CustomerUpsert { touch: Some(Touch::LinkSlug("jane".to_owned())), ..waiting(shop, key) }
}

async fn confirm(shop: &Shop, scope: &AccountScope, name: CustomerName) -> Result<Customer, ConfirmError> {
    Customer::confirm(&mut *shop.world.conn().await, scope, &name, &shop.world.act()).await
}

fn by_key(shop: &Shop, key: &str) -> CustomerName {
    CustomerName::Key { program_id: shop.program.id, key: key.to_owned() }
}

/// Sign-ups in the program's figures, and in those of its partners.
async fn signups(shop: &Shop) -> String {
    let sums = "SELECT coalesce(sum(signups) FILTER (WHERE partner_id IS NULL), 0) || ' ' || \
        coalesce(sum(signups) FILTER (WHERE partner_id IS NOT NULL), 0) AS line FROM stat_deltas";
    shop.lines(sums).await.remove(0)
}

#[tokio::test]
async fn a_subscriber_counts_once_it_has_confirmed() {
    let mut shop = Shop::of_kind(ProgramKind::Newsletter).await;
    shop.partner("jane").await;
    let ann = shop.upsert(&brought(&shop, "ann")).await.unwrap();
    assert_eq!((ann.confirmed_at, signups(&shop).await.as_str()), (None, "0 0"));
    shop.assert_verified().await;
    shop.world.pass(days(2));
    let confirmed = confirm(&shop, &shop.scope, by_key(&shop, " ann ")).await.unwrap();
    assert_eq!((confirmed.confirmed_at, signups(&shop).await.as_str()), (Some(shop.world.now), "1 1"));
    shop.world.pass(days(1));
    let again = confirm(&shop, &shop.scope, CustomerName::Id(ann.id)).await.unwrap();
    assert_eq!(again.confirmed_at, confirmed.confirmed_at, "said again nothing happens");
    let told = "SELECT kind || ' ' || (payload - 'customerId')::text AS line FROM events \
        WHERE kind IN ('customer.created', 'customer.confirmed') ORDER BY seq";
    let at = json!(confirmed.confirmed_at);
    let told = shop.lines(told).await;
    assert!(told[0].contains("\"confirmed\": false"), "{told:?}");
    assert_eq!(told[1..], [format!("customer.confirmed {{\"confirmedAt\": {at}}}")]);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_confirmation_may_be_said_with_the_customer_and_is_not_taken_back() {
    let shop = Shop::of_kind(ProgramKind::Newsletter).await;
    let jane = shop.partner("jane").await;
    shop.upsert(&waiting(&shop, "ann")).await.unwrap();
    // Attributed while it waits, and counted with the confirmation.
    let named = CustomerUpsert { touch: Some(Touch::Partner(jane.id)), ..customer(shop.program.id, "ann") };
    assert_eq!(shop.upsert(&named).await.unwrap().confirmed_at, None, "what is not said stays");
    assert_eq!(signups(&shop).await, "0 0");
    let said = CustomerUpsert { confirmed: Some(true), ..customer(shop.program.id, "ann") };
    assert!(shop.upsert(&said).await.unwrap().confirmed_at.is_some());
    assert_eq!(signups(&shop).await, "1 1");
    assert!(shop.upsert(&waiting(&shop, "ann")).await.unwrap().confirmed_at.is_some());
    assert!(shop.upsert(&customer(shop.program.id, "bob")).await.unwrap().confirmed_at.is_some());
    shop.record(&sale("s", "eve", 100)).await;
    assert_eq!(signups(&shop).await, "3 1");
    assert_eq!(shop.world.count("events WHERE kind = 'customer.confirmed'").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn elsewhere_nobody_waits() {
    let shop = Shop::open().await;
    let refused = shop.upsert(&waiting(&shop, "ann")).await;
    assert!(
        matches!(refused, Err(UpsertError::ConfirmsNobody { kind: ProgramKind::Affiliate })),
        "{refused:?}"
    );
    let ann = shop.upsert(&customer(shop.program.id, "ann")).await.unwrap();
    let confirmed = confirm(&shop, &shop.scope, CustomerName::Id(ann.id)).await.unwrap();
    assert_eq!(confirmed.confirmed_at, ann.confirmed_at);
    let stranger = account(&shop.world).await;
    let foreign = confirm(&shop, &stranger, CustomerName::Id(ann.id)).await;
    assert!(matches!(foreign, Err(ConfirmError::NotFound)), "{foreign:?}");
}

#[tokio::test]
async fn a_closed_program_confirms_nobody() {
    let shop = Shop::of_kind(ProgramKind::Newsletter).await;
    shop.upsert(&waiting(&shop, "ann")).await.unwrap();
    shop.transition(Transition::Archive).await;
    let refused = confirm(&shop, &shop.scope, by_key(&shop, "ann")).await;
    assert!(matches!(refused, Err(ConfirmError::WrongState { .. })), "{refused:?}");
}

/// Confirmations and attributions at once: the sign-up is counted once, for the program and for the partner.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_at_once_count_one_signup() {
    let shop = Shop::of_kind(ProgramKind::Newsletter).await;
    let jane = shop.partner("jane").await;
    let ann = shop.upsert(&waiting(&shop, "ann")).await.unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (db, scope, act) = (shop.world.db.clone(), shop.scope.clone(), shop.world.act());
            let named =
                CustomerUpsert { touch: Some(Touch::Partner(jane.id)), ..customer(shop.program.id, "ann") };
            tokio::spawn(async move {
                let conn = &mut db.get().await.unwrap();
                match number % 2 {
                    0 => Customer::upsert(conn, &scope, &named, &act).await.is_ok(),
                    _ => Customer::confirm(conn, &scope, &CustomerName::Id(ann.id), &act).await.is_ok(),
                }
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(signups(&shop).await, "1 1");
    assert_eq!(shop.world.count("events WHERE kind = 'customer.confirmed'").await, 1);
    shop.assert_verified().await;
}
