//! What somebody reaches: accounts, roles, suspended accounts.

use domain::team::Role;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

#[tokio::test]
async fn the_account_is_changed_by_those_who_reach_all_of_it() {
    let app = TestApp::start().await;
    let update = "mutation($input: AccountInput!) { accountUpdate(input: $input) {
        account { name defaultCurrency timeZone country locale } userErrors { field code } } }";
    let said = json!({ "input": { "name": " Engines ", "defaultCurrency": "EUR", "timeZone": "Europe/Berlin",
        "country": "de", "locale": "de-DE" } });
    let changed = app.owner().gql(update, said.clone()).await.ok()["accountUpdate"]["account"].clone();
    assert_eq!(
        changed,
        json!({ "name": "Engines", "defaultCurrency": "EUR", "timeZone": "Europe/Berlin", "country": "DE", "locale": "de-DE" })
    );
    let trail = "{ auditEntries { nodes { action } } }";
    let trail = app.owner().gql(trail, json!({})).await.ok();
    assert_eq!(trail["auditEntries"]["nodes"][0]["action"], "accountUpdate");
    let wrong =
        json!({ "input": { "name": "", "timeZone": "Mars/Base", "country": "Germany", "locale": "german" } });
    let refused = app.owner().gql(update, wrong).await;
    assert_eq!(refused.user_error_codes(), ["REQUIRED", "INVALID", "INVALID", "INVALID"]);
    assert_eq!(app.nobody().gql(update, said.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(
        app.member(domain::team::Role::Manager).await.gql(update, said.clone()).await.code(),
        "FORBIDDEN"
    );
    let program = crate::shop::create_program(&app.owner(), "P", "USD").await;
    let limited = app.api_key(&[domain::team::Permission::TeamWrite], &[program.parse().unwrap()]).await;
    assert_eq!(limited.gql(update, said).await.user_error_codes(), ["FORBIDDEN"]);
    app.run_jobs().await;
}

const ACCOUNT: &str = "{ account { id name } }";
const MEMBERS: &str = "{ account { members(first: 2) { totalCount pageInfo { hasNextPage }
    nodes { user { email } roles { name permissions } account { id } } } } }";

async fn code(actor: &Actor, query: &str) -> String {
    actor.gql(query, json!({})).await.code().to_owned()
}

#[tokio::test]
async fn nobody_is_nobody() {
    let app = TestApp::start().await;
    assert_eq!(
        app.nobody().gql("{ viewer { permissions } }", json!({})).await.ok(),
        json!({ "viewer": null })
    );
    for query in [ACCOUNT, MEMBERS, "{ apiKeys { nodes { id } } }", "{ programs { nodes { id } } }"] {
        assert_eq!(code(&app.nobody(), query).await, "UNAUTHENTICATED", "{query}");
    }
}

#[tokio::test]
async fn an_account_is_named_or_the_only_one() {
    let app = TestApp::start().await;
    let (ours, outsider) = (app.account_id().to_string(), app.outsider().await);
    assert_eq!(app.owner().gql(ACCOUNT, json!({})).await.ok()["account"]["id"], ours);
    let theirs = outsider.gql(ACCOUNT, json!({})).await.ok()["account"]["id"].clone();
    assert_ne!(theirs, ours);
    // A member of the account also owns one of their own.
    let manager = app.member(Role::Manager).await;
    assert_eq!(manager.gql(ACCOUNT, json!({})).await.ok()["account"]["id"], ours);
    let unnamed = manager.unnamed();
    assert_eq!(code(&unnamed, ACCOUNT).await, "ACCOUNT_REQUIRED");
    let seen =
        unnamed.gql("{ viewer { account { id } memberships { id } permissions } }", json!({})).await.ok();
    assert_eq!(seen["viewer"]["memberships"].as_array().unwrap().len(), 2);
    assert_eq!((&seen["viewer"]["account"], &seen["viewer"]["permissions"]), (&Value::Null, &json!([])));
    let key = app.api_key(&[domain::team::Permission::Developers], &[]).await;
    assert_eq!(key.about(&ours).gql(ACCOUNT, json!({})).await.ok()["account"]["id"], ours);
    assert_eq!(code(&key.about(theirs.as_str().unwrap()), ACCOUNT).await, "ACCOUNT_NOT_FOUND");
    for foreign in [ours.as_str(), "acc_01h455vb4pex5vsknk084sn02q", "prg_01h455vb4pex5vsknk084sn02q", "x"] {
        assert_eq!(code(&outsider.about(foreign), ACCOUNT).await, "ACCOUNT_NOT_FOUND", "{foreign}");
        assert_eq!(code(&outsider.about(foreign), "{ apiKeys { nodes { id } } }").await, "ACCOUNT_NOT_FOUND");
    }
}

#[tokio::test]
async fn the_team_sees_itself() {
    let app = TestApp::start().await;
    let viewer = app.member(Role::Viewer).await;
    app.member(Role::Finance).await;
    let account = viewer.gql(MEMBERS, json!({})).await.ok()["account"].clone();
    let members = &account["members"];
    assert_eq!((&members["totalCount"], &members["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    assert_eq!(members["nodes"][0]["user"]["email"], "owner@example.com");
    assert_eq!(members["nodes"][1]["roles"][0]["name"], "Viewer");
    let key = app.api_key(&[domain::team::Permission::ProgramsRead], &[]).await;
    assert_eq!(code(&key, MEMBERS).await, "FORBIDDEN");
    // Another account's team is not reached through a membership in it.
    let through = "{ viewer { memberships { account { members { totalCount } } } } }";
    assert_eq!(code(&viewer, through).await, "ACCOUNT_NOT_FOUND");
}

#[tokio::test]
async fn a_suspended_account_refuses_people_and_machines() {
    let app = TestApp::start().await;
    let key = app.api_key(&[domain::team::Permission::ProgramsRead], &[]).await;
    app.sql("UPDATE accounts SET status = 'SUSPENDED'").await;
    for actor in [app.owner(), key] {
        assert_eq!(code(&actor, "{ programs { nodes { id } } }").await, "ACCOUNT_SUSPENDED");
        let seen = actor.gql("{ viewer { account { id } permissions } }", json!({})).await.ok();
        assert_eq!(seen["viewer"], json!({ "account": null, "permissions": [] }));
    }
}
