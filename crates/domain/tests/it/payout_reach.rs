//! What a rail does not reach is left out and told, and waits for one that does; nobody fails by it.

use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    payout_batches::{CreateError, NewBatch, Preview, Rail, draft_due_batches},
    payout_policies::{PolicyChanges, ScheduleKind, Whose},
    payouts::{Decision, LeftOut, PayoutStatus, Previewed},
};
use ids::PartnerId;
use money::Currency;
use payout_details::{BankAccountInput, LegalType, PayoutDetailsInput, UsAccountType, WiseReceiverInput};

use crate::{
    paying::{batch, shop},
    shop::{Shop, days},
};

fn wise(currency: Currency, receiver: WiseReceiverInput) -> PayoutDetailsInput {
    let (holder, legal_type) = ("Grace Hopper".to_owned(), LegalType::Private);
    PayoutDetailsInput::Wise { holder, legal_type, currency, receiver }
}

fn iban() -> BankAccountInput {
    BankAccountInput::Iban { iban: "DE89370400440532013000".to_owned(), bic: None }
}

fn us() -> BankAccountInput {
    let (routing_number, account_number) = ("021000021".to_owned(), "123456789".to_owned());
    BankAccountInput::Us { routing_number, account_number, account_type: UsAccountType::Checking }
}

/// Ann has a domestic account, Bob an IBAN, and at Cat's address euros arrive, with 10, 5 and 2 dollars.
async fn three() -> (Shop, [PartnerId; 3]) {
    let mut shop = shop().await;
    let methods = [
        wise(Currency::USD, WiseReceiverInput::Account(us())),
        wise(Currency::USD, WiseReceiverInput::Account(iban())),
        wise(Currency::EUR, WiseReceiverInput::Email("cat@example.com".to_owned())),
    ];
    let mut partners = Vec::new();
    for (key, method) in ["ann", "bob", "cat"].into_iter().zip(methods) {
        let partner = shop.partner(key).await;
        shop.customer_of(key, &partner).await;
        shop.method(partner.id, method).await;
        partners.push(partner.id);
    }
    shop.earn(&[("ann", 1_000), ("bob", 500), ("cat", 200)]).await;
    (shop, partners.try_into().unwrap())
}

async fn preview(shop: &Shop, rail: Rail) -> Preview {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    batch(shop, rail).preview(conn, &shop.scope, &act).await.unwrap()
}

fn left_out(preview: &Preview) -> Vec<(PartnerId, LeftOut)> {
    preview.left_out.iter().map(|one| (one.partner_id, one.why)).collect()
}

#[tokio::test]
async fn a_preview_knows_what_a_rail_does_not_reach() {
    let (shop, [ann, bob, cat]) = three().await;
    for rail in [Rail::Wise, Rail::WiseFile] {
        let preview = preview(&shop, rail).await;
        assert_eq!(
            left_out(&preview),
            [(ann, LeftOut::MethodOutOfReach), (cat, LeftOut::MethodOfAnotherCurrency)]
        );
        assert_eq!(preview.made.iter().map(|one| one.partner_id).collect::<Vec<_>>(), [bob]);
        let frozen = shop.frozen(rail, Actor::System).await;
        assert_eq!((frozen.payouts, frozen.total), (1, 500), "{rail}");
        shop.cancelled(frozen.id).await;
    }
    let preview = preview(&shop, Rail::File).await;
    assert_eq!((preview.made.len(), left_out(&preview)), (3, Vec::new()), "people see to it");
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_was_approved_waits_for_a_rail_that_reaches_it() {
    let (shop, [ann, _, cat]) = three().await;
    for (partner, key) in [(ann, "a"), (cat, "c")] {
        let asked = shop.request(partner, key).await;
        shop.decide(asked.id, &Decision::Approve).await;
    }
    let seen = preview(&shop, Rail::WiseFile).await;
    assert!(seen.approved.is_empty());
    assert_eq!(left_out(&seen), [(ann, LeftOut::MethodOutOfReach), (cat, LeftOut::MethodOfAnotherCurrency)]);
    assert_eq!(shop.frozen(Rail::WiseFile, Actor::System).await.total, 500);
    assert_eq!(shop.world.count("payouts WHERE status = 'APPROVED'").await, 2);
    let frozen = shop.frozen(Rail::File, Actor::System).await;
    assert_eq!((frozen.payouts, frozen.total), (2, 1_200));
    assert!(shop.payouts(frozen.id).await.iter().all(|payout| payout.status == PayoutStatus::Batched));
    shop.assert_verified().await;
}

/// Who was approved to where the rail does not reach, and is paid now where it does, gets each by its own.
#[tokio::test]
async fn a_list_beyond_a_rail_leaves_to_that_what_it_reaches() {
    let (mut shop, [ann, bob, cat]) = three().await;
    let asked = shop.request(ann, "a").await;
    shop.decide(asked.id, &Decision::Approve).await;
    shop.method(ann, wise(Currency::USD, WiseReceiverInput::Account(iban()))).await;
    shop.earn(&[("ann", 300)]).await;
    shop.world.pass(days(2));
    let (rail, beyond) =
        (batch(&shop, Rail::Wise), NewBatch { beyond: Some(Rail::Wise), ..batch(&shop, Rail::File) });
    for (new, made, waiting) in
        [(&rail, [(ann, 300), (bob, 500)].as_slice(), 0), (&beyond, &[(cat, 200)], 1_000)]
    {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        let seen = new.preview(conn, &shop.scope, &act).await.unwrap();
        let of = |one: &Previewed| (one.partner_id, one.amount);
        assert_eq!(seen.made.iter().map(of).collect::<Vec<_>>(), made);
        assert_eq!(seen.approved.iter().map(|one| one.amount).sum::<i64>(), waiting);
        let waits: Vec<_> = seen.left_out.iter().filter(|one| one.payout_id == Some(asked.id)).collect();
        assert_eq!(waits.iter().map(|one| one.available).sum::<i64>(), 1_000 - waiting);
    }
    draft_weekly(&mut shop).await;
    let ids = shop.lines("SELECT id::text AS line FROM payout_batches ORDER BY rail").await;
    assert_eq!(ids.len(), 2);
    // Whichever is frozen first.
    for (id, total) in ids.iter().zip([1_200, 800]) {
        assert_eq!(shop.freeze(ids::TypedId::from_uuid(id.parse().unwrap())).await.total, total);
    }
    let nobody = NewBatch { beyond: Some(Rail::File), ..batch(&shop, Rail::File) };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let refused = nobody.preview(conn, &shop.scope, &act).await;
    assert!(matches!(refused, Err(CreateError::Invalid(problems)) if problems[0].path == ["beyond"]));
    shop.assert_verified().await;
}

/// What another rail cannot pay in a currency at all is beyond it, whatever the account.
#[tokio::test]
async fn a_rail_without_the_currency_reaches_nobody() {
    let mut shop = shop().await;
    let ann = shop.partner("ann").await;
    shop.customer_of("ann", &ann).await;
    let account = iban();
    shop.method(ann.id, PayoutDetailsInput::Bank { holder: "Ann".to_owned(), account }).await;
    shop.earn(&[("ann", 1_000)]).await;
    let beyond = NewBatch { beyond: Some(Rail::SepaFile), ..batch(&shop, Rail::File) };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let seen = beyond.preview(conn, &shop.scope, &act).await.unwrap();
    assert_eq!((seen.made.len(), seen.left_out.len()), (1, 0), "dollars are no euros");
}

/// The drafts of a week later.
async fn draft_weekly(shop: &mut Shop) {
    let weekly =
        PolicyChanges { schedule: Some(Some((ScheduleKind::Weekly, Some(1)))), ..PolicyChanges::default() };
    shop.policy(Whose::Program(shop.program.id), weekly).await;
    shop.world.pass(days(7));
    assert_eq!(due(shop).await, 1);
}

async fn due(shop: &Shop) -> usize {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    conn.transaction(async |conn| draft_due_batches(conn, &act).await).await.unwrap()
}

#[tokio::test]
async fn a_schedule_lists_for_people_what_its_rail_does_not_reach() {
    let (mut shop, [_, _, cat]) = three().await;
    let asked = shop.request(cat, "c").await;
    shop.decide(asked.id, &Decision::Approve).await;
    draft_weekly(&mut shop).await;
    let drafts = shop.lines("SELECT rail AS line FROM payout_batches ORDER BY rail").await;
    assert_eq!(drafts, ["FILE", "WISE_FILE"]);
    let ids = shop.lines("SELECT id::text AS line FROM payout_batches ORDER BY rail").await;
    assert_eq!(ids.len(), 2);
    for (id, total) in ids.iter().zip([1_200, 500]) {
        assert_eq!(shop.freeze(ids::TypedId::from_uuid(id.parse().unwrap())).await.total, total);
    }
    shop.world.pass(days(7));
    assert_eq!(due(&shop).await, 1);
    assert_eq!(shop.world.count("payout_batches").await, 2, "nothing is left to pay");
    shop.assert_verified().await;
}
