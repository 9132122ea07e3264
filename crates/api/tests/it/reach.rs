//! Nobody sees or changes what is another account's, by any door; and no page costs a statement per row.

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::shop::{Shop, create_partner, record, text};

/// Every door that takes an id, with the field that must be empty or refuse.
const DOORS: &[(&str, &str)] = &[
    ("program", "query($id: ID!) { it: program(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: overview(programIds: [$id]) { programs { id } } }"),
    ("program", "query($id: ID!) { it: overview(programIds: [$id]) { recentEvents { id } } }"),
    (
        "program",
        "query($id: ID!) { it: overview(programIds: [$id]) { topPartners(range: { from: \"2026-03-01\", \
        to: \"2026-04-01\" }) { partner { id } } } }",
    ),
    ("partner", "query($id: ID!) { it: partner(id: $id) { transactions { nodes { id } } } }"),
    ("program", "query($id: ID!) { it: termsVersions(programId: $id) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: customerByKey(programId: $id, key: \"ada\") { id } }"),
    ("program", "query($id: ID!) { it: transactionByKey(programId: $id, key: \"one\") { id } }"),
    ("program", "query($id: ID!) { it: programs { nodes { id } } them: program(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: partners(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: links(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: customers(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: transactions(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: rewards(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("partner", "query($id: ID!) { it: partner(id: $id) { id } }"),
    ("partner", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("partner", "query($id: ID!) { it: rewards(filter: { partnerIds: [$id] }) { nodes { id } } }"),
    ("partner", "query($id: ID!) { it: customers(filter: { partnerIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: program(id: $id) { groups { name } } }"),
    ("group", "query($id: ID!) { it: group(id: $id) { id } }"),
    ("group", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("group", "query($id: ID!) { it: partners(filter: { groupIds: [$id] }) { nodes { id } } }"),
    ("upline", "query($id: ID!) { it: partners(filter: { uplineIds: [$id] }) { nodes { id } } }"),
    ("referring", "query($id: ID!) { it: customer(id: $id) { referrer { id } } }"),
    ("customer", "query($id: ID!) { it: customer(id: $id) { id } }"),
    ("customer", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("customer", "query($id: ID!) { it: transactions(filter: { customerIds: [$id] }) { nodes { id } } }"),
    ("terms", "query($id: ID!) { it: node(id: $id) { id } }"),
    (
        "terms",
        "query($id: ID!) { it: termsDiff(from: $id, to: $id) { rules { rule } sentences } them: node(id: $id) { id } }",
    ),
    ("simulation", "query($id: ID!) { it: simulation(id: $id) { from } }"),
    ("transaction", "query($id: ID!) { it: transaction(id: $id) { id } }"),
    ("transaction", "query($id: ID!) { it: nodes(ids: [$id]) { id } }"),
    ("adjustment", "query($id: ID!) { it: adjustment(id: $id) { id } }"),
    ("adjustment", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: adjustments(filter: { programIds: [$id] }) { nodes { id } } }"),
    ("rate", "query($id: ID!) { it: rates { nodes { id } } them: node(id: $id) { id } }"),
    ("reward", "query($id: ID!) { it: reward(id: $id) { id } }"),
    ("redemption", "query($id: ID!) { it: redemption(id: $id) { id } }"),
    ("redemption", "query($id: ID!) { it: node(id: $id) { id } }"),
    ("customer", "query($id: ID!) { it: redemptions(filter: { customerIds: [$id] }) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: redemptions(filter: { programIds: [$id] }) { nodes { id } } }"),
    (
        "customer",
        "query($id: ID!) { it: rewards(filter: { beneficiaryCustomerIds: [$id] }) { nodes { id } } }",
    ),
    ("customer", "query($id: ID!) { it: customer(id: $id) { balances { currency } } }"),
    ("event", "query($id: ID!) { it: event(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: events { nodes { id } } them: program(id: $id) { id } }"),
    ("program", "query($id: ID!) { it: auditEntries(targetId: $id) { nodes { id } } }"),
    ("program", "query($id: ID!) { it: emailMessages { nodes { id } } them: program(id: $id) { id } }"),
];

const ALL: &str = "{ adjustments { nodes { id } } rates { nodes { id } } rewards { nodes { id transaction { id } } } events { nodes { id } } }";

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// Puts the shop's partner into a group and below another partner; answers with both.
async fn team_up(app: &TestApp, shop: &Shop) -> (String, String) {
    let owner = app.owner();
    let create =
        "mutation($id: ID!) { groupCreate(input: { programId: $id, name: \"Gold\" }) { group { id } } }";
    let group =
        text(&owner.gql(create, json!({ "id": shop.program })).await.ok()["groupCreate"]["group"]["id"]);
    let (upline, _) = create_partner(&owner, &shop.program, "upline@example.com").await;
    let update = "mutation($id: ID!, $group: ID!, $upline: ID!) {
        partnerUpdate(id: $id, input: { groupId: $group, uplineId: $upline }) {
            partner { group { id name } upline { id } } userErrors { code } } }";
    let variables = json!({ "id": shop.partner, "group": group, "upline": upline });
    let updated = owner.gql(update, variables).await.ok();
    let partner = &updated["partnerUpdate"]["partner"];
    assert_eq!(*partner, json!({ "group": { "id": group, "name": "Gold" }, "upline": { "id": upline } }));
    (group, upline)
}

/// A customer who is a referrer.
async fn refer(app: &TestApp) -> String {
    let program = app.program_of("REFERRAL").await;
    let make = "mutation($id: ID!) {
        customerUpsert(input: { programId: $id, key: \"bob\", email: \"bob@example.net\" }) { userErrors { code } }
        customerEnrol(input: { programId: $id, key: \"bob\" }) { customer { id } userErrors { code } } }";
    let made = app.owner().gql(make, json!({ "id": program })).await.ok();
    text(&made["customerEnrol"]["customer"]["id"])
}

/// Gives the customer some credit by hand, and redeems it; answers with the redemption.
async fn redeem(app: &TestApp, customer: &str) -> String {
    let amount = "{ amount: \"5\", currency: \"USD\" }";
    let both = format!(
        "mutation($id: ID!) {{
            rewardCreateManual(input: {{ customerId: $id, amount: {amount}, reason: \"welcome\", idempotencyKey: \"k\" }}) {{
                userErrors {{ code }} }}
            redemptionCreate(input: {{ customerId: $id, amount: {amount}, reason: \"discount\", key: \"k\" }}) {{
                redemption {{ id }} userErrors {{ code }} }} }}"
    );
    let done = app.owner().gql(&both, json!({ "id": customer })).await.ok();
    text(&done["redemptionCreate"]["redemption"]["id"])
}

#[tokio::test]
async fn another_account_finds_nothing_behind_any_door() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    record(&app.owner(), &shop.program, "one", "ada", "100").await;
    let refund =
        "mutation($id: ID!) { transactionRefund(input: { programId: $id, transactionKey: \"one\", key: \"r\",
        amount: \"1\" }) { adjustment { id } userErrors { message } } }";
    app.owner().gql(refund, json!({ "id": shop.program })).await.ok();
    let rate = "mutation { rateStore(input: { from: \"EUR\", to: \"USD\", rate: \"1.1\", at: \"2026-03-01T00:00:00Z\", source: \"bank\" })
        { rate { id } userErrors { message } } }";
    app.owner().gql(rate, json!({})).await.ok();
    app.run_jobs().await;
    let all = app.owner().gql(ALL, json!({})).await.ok();
    let (group, upline) = team_up(&app, &shop).await;
    let referring = refer(&app).await;
    let redemption = redeem(&app, &shop.customer).await;
    let simulate =
        "mutation($id: ID!) { termsSimulate(id: $id, range: { from: \"2026-01-01\", to: \"2027-01-01\" }) {
        operation { id } } }";
    let simulation = app.owner().gql(simulate, json!({ "id": shop.terms })).await.ok();
    let simulation = text(&simulation["termsSimulate"]["operation"]["id"]);
    let id = |noun: &str| match noun {
        "program" => json!(shop.program),
        "partner" => json!(shop.partner),
        "customer" => json!(shop.customer),
        "group" => json!(group),
        "upline" => json!(upline),
        "referring" => json!(referring),
        "terms" => json!(shop.terms),
        "simulation" => json!(simulation),
        "transaction" => all["rewards"]["nodes"][0]["transaction"]["id"].clone(),
        "adjustment" => all["adjustments"]["nodes"][0]["id"].clone(),
        "rate" => all["rates"]["nodes"][0]["id"].clone(),
        "reward" => all["rewards"]["nodes"][0]["id"].clone(),
        "redemption" => json!(redemption),
        "event" => all["events"]["nodes"][0]["id"].clone(),
        other => panic!("{other}"),
    };
    let outsider = app.outsider().await;
    let everything: Vec<P> = P::ALL.to_vec();
    let other = crate::shop::create_program(&app.owner(), "Other", "USD").await;
    let limited = app.api_key(&everything, &[other.parse().unwrap()]).await;
    for (noun, query) in DOORS {
        let variables = json!({ "id": id(noun) });
        let seen = app.owner().gql(query, variables.clone()).await.ok();
        assert!(!is_empty(&seen), "the owner sees nothing either: {query}");
        let outside = outsider.gql(query, variables.clone()).await.ok();
        assert!(is_empty(&outside), "{query}: {outside}");
        if !query.contains("them:") {
            let beside = limited.gql(query, variables).await.ok();
            assert!(is_empty(&beside), "a key of another program: {query}: {beside}");
        }
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_hundred_nodes_with_their_edges_cost_a_handful_of_statements() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let owner = app.owner();
    for number in 0..20 {
        create_partner(&owner, &shop.program, &format!("p{number}@example.com")).await;
        record(&owner, &shop.program, &format!("order-{number}"), &format!("customer-{}", number % 7), "10")
            .await;
        let refund = "mutation($id: ID!, $sale: String!) { transactionRefund(input: { programId: $id, transactionKey: $sale,
            key: $sale, lines: [{ line: 0, amount: \"1\" }] }) { adjustment { id } userErrors { message } } }";
        let sale = json!({ "id": shop.program, "sale": format!("order-{number}") });
        owner.gql(refund, sale).await.ok();
    }
    app.run_jobs().await;
    for number in 0..10 {
        let key = app.api_key(&[P::Developers], &[]).await;
        let create = format!(
            "mutation {{ apiKeyCreate(input: {{ name: \"k{number}\", permissions: [DEVELOPERS] }}) {{ secret userErrors {{ message }} }} }}"
        );
        key.gql(&create, json!({})).await.ok();
    }
    let events = owner.gql("{ events(first: 100) { nodes { id } } }", json!({})).await.ok();
    let events = events["events"]["nodes"].as_array().unwrap();
    let ids: Vec<_> = events.iter().map(|event| event["id"].to_string()).collect();
    let by_id = format!("{{ nodes(ids: [{}]) {{ id }} }}", ids.join(" "));
    let pages = [
        (by_id.as_str(), 1),
        ("{ transactions(first: 100) { totalCount nodes { key program { name } customer { key attribution { partner { key } } }
            items { productId } rewards { amount { amount } partner { key } terms { number } } nonRewards { reason } } } }", 12),
        ("{ transactions(first: 100) { nodes { rate { rate } status refunded { amount } adjustments { key transaction { key } } } } }", 6),
        ("{ adjustments(first: 100) { totalCount nodes { program { name } transaction { key customer { key } } } } }", 5),
        ("{ partners(first: 100) { nodes { key name email program { name terms { number } } balances { currency }
            links { nodes { slug url } } } } }", 8),
        ("{ partners(first: 100) { nodes { group { name program { name } } upline { key upline { key } } customer { key } } } }", 6),
        ("{ customers(first: 100) { nodes { key referrer { key } signupRewards { ruleId } signupNonRewards { reason } } } }", 5),
        ("{ programs(first: 100) { nodes { groups { name } } } }", 3),
        ("{ rewards(first: 100) { nodes { partner { name } customer { key } transaction { key } program { name }
            terms { number status rules { sentence } } reviewReasons { code transaction { key } } } } }", 9),
        ("{ events(first: 100) { nodes { topic subjectId } } }", 2),
        ("{ programs(first: 100) { nodes { name terms { number } termsDraft { number } } } }", 3),
        ("{ apiKeys(first: 100) { totalCount nodes { name createdBy { ... on ApiKey { name } } } } }", 3),
    ];
    for (query, most) in pages {
        // The first run reads the credential and fills caches of the driver; the second shows the page alone.
        owner.gql(query, json!({})).await.ok();
        let (answer, statements) = app.count_statements(owner.gql(query, json!({}))).await;
        answer.ok();
        assert!(
            statements.len() <= most + 2,
            "{} statements for {query}:\n{}",
            statements.len(),
            statements.join("\n")
        );
    }
}
