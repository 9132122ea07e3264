//! API keys, by four actors.

use domain::team::{Permission as P, Role};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const CREATE: &str = "mutation($input: ApiKeyInput!) { apiKeyCreate(input: $input) {
    apiKey { id name hint permissions allPrograms programs { id } createdBy { __typename } revokedAt }
    secret userErrors { field code message } } }";
const REVOKE: &str = "mutation($id: ID!) { apiKeyRevoke(id: $id) { apiKey { id revokedAt } secret userErrors { field code } } }";
const LIST: &str = "{ apiKeys { nodes { id lastUsedAt createdBy { ... on User { email } } } } }";

fn input(permissions: &[P], more: Value) -> Value {
    let words: Vec<_> = permissions.iter().map(|permission| permission.as_str()).collect();
    let mut input = json!({ "name": "Shop", "permissions": words });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!({ "input": input })
}

async fn program(actor: &Actor) -> String {
    let create = "mutation { programCreate(input: { name: \"P\", currency: \"USD\" }) {
        program { id } userErrors { code } } }";
    actor.gql(create, json!({})).await.ok()["programCreate"]["program"]["id"].as_str().unwrap().to_owned()
}

async fn ids(actor: &Actor) -> Vec<String> {
    let keys = actor.gql(LIST, json!({})).await.ok()["apiKeys"]["nodes"].clone();
    keys.as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked() {
    let app = TestApp::start().await;
    let created = app.owner().gql(CREATE, input(&[P::ProgramsRead, P::Developers], json!({}))).await.ok();
    let created = &created["apiKeyCreate"];
    let secret = created["secret"].as_str().unwrap();
    assert!(secret.starts_with("rfo_live_") && secret.ends_with(created["apiKey"]["hint"].as_str().unwrap()));
    assert_eq!(created["apiKey"]["createdBy"]["__typename"], "User");
    let key = app.with_key(secret);
    let viewer = key.gql("{ viewer { actor { ... on ApiKey { name } } permissions } }", json!({})).await.ok();
    assert_eq!(
        viewer["viewer"],
        json!({ "actor": { "name": "Shop" }, "permissions": ["PROGRAMS_READ", "DEVELOPERS"] })
    );
    let listed = key.gql(LIST, json!({})).await.ok();
    assert_eq!(listed["apiKeys"]["nodes"][0]["createdBy"]["email"], "owner@example.com");
    assert!(listed["apiKeys"]["nodes"][0]["lastUsedAt"].is_string());
    let id = created["apiKey"]["id"].clone();
    assert!(
        app.owner().gql(REVOKE, json!({ "id": id })).await.ok()["apiKeyRevoke"]["apiKey"]["revokedAt"]
            .is_string()
    );
    assert_eq!(key.gql(LIST, json!({})).await.status, 401);
    assert_eq!(ids(&app.owner()).await, Vec::<String>::new());
    assert_eq!(app.owner().gql(REVOKE, json!({ "id": id })).await.user_error_codes(), ["WRONG_STATE"]);
    assert_eq!(app.with_key("rfo_live_nonsense").gql(LIST, json!({})).await.status, 401);
    app.run_jobs().await;
}

#[tokio::test]
async fn four_actors_try() {
    let app = TestApp::start().await;
    let id = app.owner().gql(CREATE, input(&[P::ProgramsRead], json!({}))).await.ok()["apiKeyCreate"]["apiKey"]["id"]
        .clone();
    let (manager, admin) = (app.member(Role::Manager).await, app.member(Role::Admin).await);
    for (actor, code) in [(app.nobody(), "UNAUTHENTICATED"), (manager, "FORBIDDEN")] {
        assert_eq!(actor.gql(CREATE, input(&[P::ProgramsRead], json!({}))).await.code(), code);
        assert_eq!(actor.gql(REVOKE, json!({ "id": id })).await.code(), code);
        assert_eq!(actor.gql(LIST, json!({})).await.code(), code);
    }
    let outsider = app.outsider().await;
    assert_eq!(outsider.gql(REVOKE, json!({ "id": id })).await.user_error_codes(), ["NOT_FOUND"]);
    assert_eq!(ids(&outsider).await, Vec::<String>::new());
    assert_eq!(ids(&admin).await, [id.as_str().unwrap()], "nothing was changed by those who may not");
    admin.gql(REVOKE, json!({ "id": id })).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn nobody_grants_what_they_lack() {
    let app = TestApp::start().await;
    let admin = app.member(Role::Admin).await;
    let greedy = admin.gql(CREATE, input(&[P::ProgramsRead, P::BillingWrite], json!({}))).await;
    let error = &greedy.data["apiKeyCreate"]["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("FORBIDDEN"), &json!(["input", "permissions"])));
    assert!(error["message"].as_str().unwrap().contains("BILLING_WRITE"));

    let (mine, other) = (program(&app.owner()).await, program(&app.outsider().await).await);
    let limited = input(&[P::Developers, P::ProgramsRead], json!({ "programIds": [mine] }));
    let created = app.owner().gql(CREATE, limited).await.ok()["apiKeyCreate"].clone();
    assert_eq!(created["apiKey"]["programs"], json!([{ "id": mine }]));
    assert_eq!(created["apiKey"]["allPrograms"], false);
    let key = app.with_key(created["secret"].as_str().unwrap());
    let wider = key.gql(CREATE, input(&[P::ProgramsRead], json!({}))).await;
    assert_eq!(wider.user_error_codes(), ["FORBIDDEN"]);
    for actor in [&app.owner(), &key] {
        let foreign = actor.gql(CREATE, input(&[P::ProgramsRead], json!({ "programIds": [other] }))).await;
        assert_eq!(foreign.user_error_codes(), ["NOT_FOUND"]);
    }
    key.gql(CREATE, input(&[P::ProgramsRead], json!({ "programIds": [mine] }))).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn what_no_database_can_store_is_bad_input() {
    let app = TestApp::start().await;
    for more in [
        json!({ "name": "a\u{0}b" }),
        json!({ "idempotencyKey": "\u{0}" }),
        json!({ "expiresAt": "+262142-01-01T00:00:00Z" }),
        json!({ "expiresAt": "-0042-01-01T00:00:00Z" }),
        json!({ "expiresAt": "1969-12-31T23:59:59Z" }),
    ] {
        let refused = app.owner().gql(CREATE, input(&[P::ProgramsRead], more.clone())).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{more}");
    }
    let inline = "{ programs(filter: { search: \"\\u0000\" }) { nodes { id } } }";
    assert_eq!(app.owner().gql(inline, json!({})).await.code(), "BAD_USER_INPUT");
    app.owner()
        .gql(CREATE, input(&[P::ProgramsRead], json!({ "expiresAt": "9999-12-31T23:59:59Z" })))
        .await
        .ok();
}

#[tokio::test]
async fn a_replay_shows_no_secret() {
    let app = TestApp::start().await;
    let said = input(&[P::ProgramsRead], json!({ "idempotencyKey": "once" }));
    let first = app.owner().gql(CREATE, said.clone()).await.ok()["apiKeyCreate"].clone();
    let again = app.owner().gql(CREATE, said).await.ok()["apiKeyCreate"].clone();
    assert_eq!(first["apiKey"]["id"], again["apiKey"]["id"]);
    assert!(first["secret"].is_string() && again["secret"].is_null());
    let other = app.owner().gql(CREATE, input(&[P::Developers], json!({ "idempotencyKey": "once" }))).await;
    assert_eq!(other.user_error_codes(), ["IDEMPOTENCY_MISMATCH"]);
}
