//! Terms for groups and single partners, drafts that are thrown away, and what changes between versions.

use domain::{
    groups::{DeleteError, Group, NewGroup},
    page::PageArgs,
    programs::{Program, ProgramChanges, UpdateError},
    terms::{
        DeleteDraftError, DraftTerms, PublishError, PutDraftError, RewardCurrency, RuleChange, Terms,
        TermsFilter, TermsFor,
    },
};
use money::Currency;
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, days, percent, sale, terms},
};

async fn put(shop: &Shop, draft: &DraftTerms) -> Result<Terms, PutDraftError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Terms::put_draft(conn, &shop.scope, shop.program.id, draft, &act).await
}

async fn group(shop: &Shop, name: &str) -> Group {
    let new = NewGroup { program_id: shop.program.id, name: name.to_owned(), idempotency_key: None };
    Group::create(&mut *shop.world.conn().await, &shop.scope, &new, &shop.world.act()).await.unwrap()
}

#[tokio::test]
async fn everybody_groups_and_partners_have_a_draft_each_and_share_the_numbers() {
    let shop = Shop::empty().await;
    let (gold, jane) = (group(&shop, "Gold").await, shop.partner("jane").await);
    let whose = [TermsFor::Everybody, TermsFor::Group(gold.id), TermsFor::Partner(jane.id)];
    for (number, whose) in (1..).zip(whose) {
        let first = put(&shop, &DraftTerms { whose, ..percent("10") }).await.unwrap();
        let again = put(&shop, &DraftTerms { whose, hold_days: 3, ..percent("20") }).await.unwrap();
        assert_eq!((again.id, again.number, again.hold_days, again.whose()), (first.id, number, 3, whose));
    }
    let conn = &mut *shop.world.conn().await;
    let numbers = async |conn: &mut _, filter: TermsFilter| {
        let page = PageArgs::new(10, None);
        let page = Terms::list(conn, &shop.scope, shop.program.id, &filter, page).await.unwrap();
        page.rows.iter().map(|terms| terms.number).collect::<Vec<_>>()
    };
    let of = |whose| TermsFilter { whose: Some(whose), is_override: None };
    let overrides = |is_override| TermsFilter { whose: None, is_override: Some(is_override) };
    assert_eq!(numbers(conn, TermsFilter::default()).await, [3, 2, 1]);
    assert_eq!(numbers(conn, of(whose[1])).await, [2]);
    assert_eq!(numbers(conn, of(TermsFor::Everybody)).await, [1]);
    assert_eq!(numbers(conn, overrides(true)).await, [3, 2]);
    assert_eq!(numbers(conn, overrides(false)).await, [1]);
    let drafts = Terms::drafts_of(conn, &shop.scope, &[shop.program.id]).await.unwrap();
    assert_eq!(drafts.iter().map(|draft| draft.number).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn an_override_is_for_a_group_or_a_partner_of_the_program() {
    let (shop, other) = (Shop::empty().await, Shop::empty().await);
    let stranger = ids::IdSource::seeded(99);
    let strangers = (stranger.next(other.world.now), stranger.next(other.world.now));
    let put = async |whose| put(&shop, &DraftTerms { whose, ..percent("10") }).await;
    let refused = put(TermsFor::Group(strangers.0)).await;
    assert!(matches!(refused, Err(PutDraftError::GroupNotFound)), "{refused:?}");
    let refused = put(TermsFor::Partner(strangers.1)).await;
    assert!(matches!(refused, Err(PutDraftError::PartnerNotFound)), "{refused:?}");
    let gold = group(&shop, "Gold").await;
    put(TermsFor::Group(gold.id)).await.unwrap();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let kept = Group::delete(conn, &shop.scope, gold.id, &act).await;
    assert!(matches!(kept, Err(DeleteError::HasTerms)), "{kept:?}");
    let both = "UPDATE terms SET partner_id = gen_random_uuid() WHERE group_id IS NOT NULL";
    assert!(shop.refused(both).await.contains("terms_check"));
}

/// A partner's own terms count for their customers from their begin on, and T2 holds for them too.
#[tokio::test]
async fn a_partner_earns_by_their_own_terms() {
    let mut shop = Shop::open_with(&percent("10")).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    shop.customer_of("c1", &jane).await;
    shop.customer_of("c2", &joe).await;
    let before = shop.record(&sale("s0", "c1", 100)).await;
    shop.settle().await;
    let own = DraftTerms { whose: TermsFor::Partner(jane.id), ..percent("50") };
    let draft = put(&shop, &own).await.unwrap();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let past = Terms::publish(conn, &shop.scope, draft.id, Some(shop.world.now - days(1)), &act).await;
    assert!(matches!(past, Err(PublishError::AlreadyEvaluated { .. })), "{past:?}");
    shop.world.pass(days(1));
    shop.publish(&own, None).await;
    let (hers, his) = (shop.record(&sale("s1", "c1", 100)).await, shop.record(&sale("s2", "c2", 100)).await);
    shop.settle().await;
    for (sale, result) in [(before, "base 10 HELD"), (hers, "base 50 HELD"), (his, "base 10 HELD")] {
        assert_eq!(shop.result(&sale).await, result, "{}", sale.key);
    }
    let asked = [(shop.program.id, TermsFor::Everybody), (shop.program.id, TermsFor::Partner(jane.id))];
    let conn = &mut *shop.world.conn().await;
    let in_force = Terms::in_force_of(conn, &shop.scope, &asked, shop.world.now).await.unwrap();
    let mut numbers: Vec<_> = in_force.iter().map(|terms| (terms.number, terms.whose())).collect();
    numbers.sort();
    assert_eq!(numbers, [(1, asked[0].1), (2, asked[1].1)]);
}

#[tokio::test]
async fn overrides_alone_open_no_program_and_fix_its_calendar() {
    let shop = Shop::empty().await;
    let gold = group(&shop, "Gold").await;
    shop.publish(&DraftTerms { whose: TermsFor::Group(gold.id), ..percent("10") }, None).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let opened =
        Program::transition(conn, &shop.scope, shop.program.id, domain::programs::Transition::Activate, &act)
            .await;
    assert!(opened.is_err());
    let changes = ProgramChanges { time_zone: Some("Asia/Tokyo".to_owned()), ..ProgramChanges::default() };
    let fixed = Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await;
    assert!(matches!(fixed, Err(UpdateError::FixedByTerms { field: "timeZone" })));
}

#[tokio::test]
async fn only_drafts_are_deleted() {
    let shop = Shop::empty().await;
    let draft = put(&shop, &percent("10")).await.unwrap();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let delete = async |conn: &mut _, scope: &_, id| Terms::delete_draft(conn, scope, id, &act).await;
    let stranger = account(&shop.world).await;
    assert!(matches!(delete(conn, &stranger, draft.id).await, Err(DeleteDraftError::NotFound)));
    assert_eq!(delete(conn, &shop.scope, draft.id).await.unwrap().id, draft.id);
    assert!(matches!(delete(conn, &shop.scope, draft.id).await, Err(DeleteDraftError::NotFound)));
    let published = shop.publish(&percent("20"), None).await;
    assert_eq!(published.number, 1, "the number is given again");
    assert!(matches!(delete(conn, &shop.scope, published.id).await, Err(DeleteDraftError::Published)));
    assert_eq!(shop.world.count("terms").await, 1);
    assert_eq!(shop.world.count("audit_entries WHERE action = 'termsDraftDelete'").await, 1);
}

#[tokio::test]
async fn groups_are_named_and_stored_by_id() {
    let shop = Shop::empty().await;
    let gold = group(&shop, "Gold").await;
    let rules = |names: serde_json::Value| {
        let condition = json!({ "field": "partner.group", "op": "IN", "value": names });
        terms(json!([{ "id": "a", "trigger": "SALE", "beneficiary": "PARTNER", "conditions": [condition],
            "value": { "type": "PERCENT", "percent": "1" } }]))
    };
    let stored = put(&shop, &rules(json!(["GOLD"]))).await.unwrap();
    assert_eq!(stored.rules[0]["conditions"][0]["value"], json!([gold.id]));
    let refused = put(&shop, &rules(json!(["Silver"]))).await;
    assert!(matches!(refused, Err(PutDraftError::Rules(problems)) if problems.len() == 1));
}

#[tokio::test]
async fn policies_are_bounded_hashed_and_compared() {
    let shop = Shop::empty().await;
    for minutes in [0, 43_201] {
        let draft = DraftTerms { duplicate_sale_minutes: Some(minutes), ..percent("1") };
        let refused = put(&shop, &draft).await;
        assert!(matches!(refused, Err(PutDraftError::OutOfRange { field: "duplicateSaleMinutes", .. })));
    }
    let rule = |id: &str, percent: &str| {
        json!({ "id": id, "trigger": "SALE", "beneficiary": "PARTNER",
        "value": { "type": "PERCENT", "percent": percent } })
    };
    let first = shop.publish(&terms(json!([rule("a", "10"), rule("b", "5"), rule("c", "7")])), None).await;
    let draft = DraftTerms {
        hold_days: 7,
        reward_currency: RewardCurrency::Sale,
        duplicate_sale_minutes: Some(60),
        existing_customer_review: true,
        ..terms(json!([rule("c", "7"), rule("a", "12"), rule("d", "1")]))
    };
    let second = shop.publish(&draft, Some(shop.world.now + days(1))).await;
    let diff = second.diff_from(&first, Currency::USD).unwrap();
    let rules: Vec<_> = diff.rules.iter().map(|rule| (rule.rule.as_str(), rule.change)).collect();
    let (added, removed, changed) = (RuleChange::Added, RuleChange::Removed, RuleChange::Changed);
    assert_eq!(rules, [("a", changed), ("b", removed), ("c", changed), ("d", added)]);
    assert_eq!(
        diff.sentences(),
        [
            "Rule a changes from: The partner gets 10 % of the net of each sale. To: The partner gets 12 % of the net \
             of each sale.",
            "Rule b is gone: The partner gets 5 % of the net of each sale.",
            "Rule c says the same. position was 2, and is 1.",
            "Rule d is new: The partner gets 1 % of the net of each sale.",
            "duplicateSaleMinutes was none, and is 60.",
            "existingCustomerReview was false, and is true.",
            "holdDays was 30, and is 7.",
            "rewardCurrency was PROGRAM, and is SALE.",
        ]
    );
    assert_eq!(first.diff_from(&first, Currency::USD).unwrap().sentences(), [""; 0]);
}

#[tokio::test]
async fn a_budget_is_of_the_program_s_currency() {
    let shop = Shop::empty().await;
    let set = async |budget| {
        let changes = ProgramChanges { reward_budget: Some(budget), ..ProgramChanges::default() };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await
    };
    let amount = |text: &str, currency| Some((text.parse().unwrap(), currency));
    assert_eq!(set(amount("10000.5", Currency::USD)).await.unwrap().reward_budget, Some(1_000_050));
    assert!(matches!(set(amount("1", Currency::EUR)).await, Err(UpdateError::OtherCurrency { .. })));
    for refused in ["-1", "0.001"] {
        assert!(
            matches!(set(amount(refused, Currency::USD)).await, Err(UpdateError::Invalid(_))),
            "{refused}"
        );
    }
    assert_eq!(set(None).await.unwrap().reward_budget, None);
}
