//! What an overview shows beside the figures: what waits, what happened last, how far the setup is, and what is used.

use domain::team::{Permission as P, Role};
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::{Shop, activate, create_program, publish, record, text};

const ITEMS: &str =
    "query($ids: [ID!]) { overview(programIds: $ids) { actionItems { kind severity count countCapped
    amounts { amount currency } oldestAt href sentence program { name } } } }";

/// An applicant who waits in the program, and a reward under review.
async fn waiting(app: &TestApp) -> Shop {
    let shop = Shop::open(app).await;
    let apply = "mutation($id: ID!) { partnerCreate(input: { programId: $id, email: \"ann@example.com\", name: \"Ann\",
        approved: false }) { partner { status } userErrors { message } } }";
    let applied = app.owner().gql(apply, json!({ "id": shop.program })).await.ok();
    assert_eq!(applied["partnerCreate"]["partner"]["status"], "PENDING", "{applied}");
    record(&app.owner(), &shop.program, "one", "ada", "100").await;
    app.run_jobs().await;
    app.sql("UPDATE rewards SET status = 'PENDING_REVIEW', under_review = true").await;
    shop
}

fn kinds(answer: &Value) -> Vec<&str> {
    answer["overview"]["actionItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_waits_leads_to_where_it_is_decided() {
    let app = TestApp::start().await;
    let shop = waiting(&app).await;
    let seen = app.owner().gql(ITEMS, json!({})).await.ok();
    let id = &shop.program;
    assert_eq!(
        seen["overview"]["actionItems"],
        json!([
            { "kind": "REWARDS_TO_REVIEW", "severity": "MEDIUM", "count": 1, "countCapped": false,
              "amounts": [{ "amount": "20.00", "currency": "USD" }], "oldestAt": "2026-03-02T09:00:00+00:00",
              "href": format!("/rewards?programs={id}&status=PENDING_REVIEW"),
              "sentence": "1 reward waits for a decision.", "program": { "name": "Shop" } },
            { "kind": "APPLICATIONS_TO_REVIEW", "severity": "MEDIUM", "count": 1, "countCapped": false,
              "amounts": [], "oldestAt": "2026-03-02T09:00:00+00:00",
              "href": format!("/partners?programs={id}&status=PENDING"),
              "sentence": "1 application waits for a decision.", "program": { "name": "Shop" } },
        ])
    );
    // What the link leads to is what was counted.
    let there =
        "query($id: ID!) { rewards(filter: { programIds: [$id], status: [PENDING_REVIEW] }) { totalCount }
        partners(filter: { programIds: [$id], status: [PENDING] }) { totalCount } }";
    let there = app.owner().gql(there, json!({ "id": id })).await.ok();
    assert_eq!(there, json!({ "rewards": { "totalCount": 1 }, "partners": { "totalCount": 1 } }));
    app.sql("UPDATE rewards SET status = 'HELD', under_review = false").await;
}

#[tokio::test]
async fn nobody_sees_in_an_overview_what_they_do_not_see_elsewhere() {
    let app = TestApp::start().await;
    let shop = waiting(&app).await;
    let empty = create_program(&app.owner(), "Empty", "EUR").await;
    let both = ["REWARDS_TO_REVIEW", "APPLICATIONS_TO_REVIEW", "PROGRAM_WITHOUT_TERMS"];
    assert_eq!(kinds(&app.member(Role::Viewer).await.gql(ITEMS, json!({})).await.ok()), both);
    let key = app.api_key(&[P::ProgramsRead], &[]).await;
    assert_eq!(kinds(&key.gql(ITEMS, json!({})).await.ok()), ["PROGRAM_WITHOUT_TERMS"]);
    let limited = app.api_key(P::ALL, &[empty.parse().unwrap()]).await;
    assert_eq!(kinds(&limited.gql(ITEMS, json!({})).await.ok()), ["PROGRAM_WITHOUT_TERMS"]);
    let beside = limited.gql(ITEMS, json!({ "ids": [shop.program] })).await.ok();
    assert_eq!(kinds(&beside), Vec::<&str>::new());
    let outsider = app.outsider().await;
    assert_eq!(kinds(&outsider.gql(ITEMS, json!({ "ids": [shop.program] })).await.ok()), Vec::<&str>::new());
    assert_eq!(app.nobody().gql(ITEMS, json!({})).await.code(), "UNAUTHENTICATED");
    let setup = "{ overview { setup { key } } }";
    let steps = key.gql(setup, json!({})).await.ok();
    let keys: Vec<_> =
        steps["overview"]["setup"].as_array().unwrap().iter().map(|step| text(&step["key"])).collect();
    assert_eq!(keys, ["ACCOUNT_DESCRIBED", "PROGRAM_CREATED", "TERMS_PUBLISHED", "PROGRAM_ACTIVATED"]);
    let recent = "{ overview { recentEvents { topic } } }";
    assert_eq!(key.gql(recent, json!({})).await.code(), "FORBIDDEN");
    app.sql("UPDATE rewards SET status = 'HELD', under_review = false").await;
    app.run_jobs().await;
}

#[tokio::test]
async fn items_of_many_programs_cost_two_statements() {
    let app = TestApp::start().await;
    let owner = app.owner();
    for number in 0..12 {
        let program = create_program(&owner, &format!("Program {number}"), "EUR").await;
        if number % 2 == 0 {
            publish(&owner, &program, "10", 30).await;
        }
        if number % 4 == 0 {
            activate(&owner, &program).await;
        }
    }
    app.run_jobs().await;
    owner.gql(ITEMS, json!({})).await.ok();
    let (answer, statements) = app.count_statements(owner.gql(ITEMS, json!({}))).await;
    let seen = answer.ok();
    assert_eq!(kinds(&seen).len(), 12);
    // Besides those that the credential costs.
    let (_, bare) = app.count_statements(owner.gql("{ viewer { permissions } }", json!({}))).await;
    assert!(statements.len() <= bare.len() + 2, "{statements:#?}");
    let few = owner.gql("{ overview { actionItems(first: 3) { kind } } }", json!({})).await.ok();
    assert_eq!(kinds(&few), ["TRACKING_NOT_SEEN"; 3]);
}

#[tokio::test]
async fn the_latest_events_come_first_and_of_the_programs_that_are_asked_about() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let other = create_program(&app.owner(), "Other", "USD").await;
    app.run_jobs().await;
    let recent =
        "query($ids: [ID!]) { overview(programIds: $ids) { recentEvents(first: 2) { topic programId } } }";
    let all = app.owner().gql(recent, json!({})).await.ok();
    let topics = |seen: &Value| {
        let events = seen["overview"]["recentEvents"].as_array().unwrap().clone();
        events.iter().map(|event| text(&event["topic"])).collect::<Vec<_>>()
    };
    assert_eq!(topics(&all), ["PROGRAM_CREATED", "CUSTOMER_ATTRIBUTED"]);
    assert_eq!(all["overview"]["recentEvents"][0]["programId"], other.as_str());
    let of_shop = app.owner().gql(recent, json!({ "ids": [shop.program] })).await.ok();
    assert_eq!(topics(&of_shop), ["CUSTOMER_ATTRIBUTED", "CUSTOMER_CREATED"]);
    let outside = app.outsider().await.gql(recent, json!({ "ids": [shop.program] })).await.ok();
    assert_eq!(topics(&outside), Vec::<String>::new());
}

#[tokio::test]
async fn setup_and_usage_follow_what_is_there() {
    let app = TestApp::start().await;
    let asked = "{ overview { setup { key done href } } account { usage { key used } } }";
    let todo = |seen: &Value| {
        let steps = seen["overview"]["setup"].as_array().unwrap().clone();
        let open = steps.iter().filter(|step| step["done"] == false);
        open.map(|step| text(&step["key"])).collect::<Vec<_>>()
    };
    let fresh = app.owner().gql(asked, json!({})).await.ok();
    assert_eq!(todo(&fresh).len(), 9, "{fresh}");
    assert_eq!(fresh["overview"]["setup"][1]["href"], "/programs/new");
    let shop = Shop::open(&app).await;
    record(&app.owner(), &shop.program, "one", "ada", "100").await;
    create_program(&app.owner(), "Second", "EUR").await;
    let update = "mutation { accountUpdate(input: { country: \"DE\" }) { userErrors { message } } }";
    app.owner().gql(update, json!({})).await.ok();
    let invite = "mutation { inviteCreate(input: { emails: [\"new@example.com\"], roleId: \"rol_viewer\" }) {
        results { invite { id } } userErrors { message } } }";
    app.owner().gql(invite, json!({})).await.ok();
    app.member(Role::Manager).await;
    app.run_jobs().await;
    let seen = app.owner().gql(asked, json!({})).await.ok();
    assert_eq!(todo(&seen), Vec::<String>::new());
    assert_eq!(
        seen["account"]["usage"],
        json!([
            { "key": "SEATS", "used": 3 },
            { "key": "PROGRAMS_DRAFT", "used": 1 },
            { "key": "PROGRAMS_ACTIVE", "used": 1 },
            { "key": "PROGRAMS_PAUSED", "used": 0 },
            { "key": "PROGRAMS_ARCHIVED", "used": 0 },
        ])
    );
    let key = app.api_key(&[P::ProgramsRead], &[shop.program.parse().unwrap()]).await;
    let limited = key.gql("{ account { usage { key used } } }", json!({})).await.ok();
    assert_eq!(limited["account"]["usage"][0], json!({ "key": "PROGRAMS_DRAFT", "used": 0 }));
}
