//! What users change about themselves, the accounts that they make, and switching between them.

use api::auth::RegistrationPolicy;
use domain::team::{Permission as P, Role};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const UPDATE: &str = "mutation($input: ProfileInput!) { profileUpdate(input: $input) {
    user { email name locale } userErrors { field code } } }";
const REQUEST: &str =
    "mutation { passwordResetRequest(email: \"outsider1@example.com\") { userErrors { code } } }";
const RESET: &str = "mutation($token: String!) {
    passwordReset(token: $token, password: \"correct horse battery\") { session { id } userErrors { code } } }";
const VERIFY: &str = "mutation($token: String!, $password: String!) {
    emailVerify(token: $token, password: $password) { session { user { email } } userErrors { field code } } }";
const LOG_IN: &str = "mutation($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) { session { id } userErrors { code } } }";
const CREATE: &str = "mutation($input: AccountInput!) { accountCreate(input: $input) {
    account { id name defaultCurrency timeZone country locale } userErrors { field code } } }";
const VIEWER: &str = "{ viewer { newEmail account { id } permissions actor { ... on User { email } }
    memberships { account { id name } roles { id } } } }";

const EMAIL: &str = "outsider1@example.com";
const PASSWORD: &str = "correct horse battery";
const NEW: &str = "ada@new.example";

fn token(app: &TestApp, email: &str) -> String {
    let mail =
        app.emails().into_iter().rfind(|mail| mail.to == email && mail.text.contains("?token=")).unwrap();
    let (_, rest) = mail.text.split_once("?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The outsider, with a password that is known.
async fn known(app: &TestApp) -> Actor {
    app.outsider().await;
    app.nobody().gql(REQUEST, json!({})).await.ok();
    app.run_jobs().await;
    let answer = app.nobody().gql(RESET, json!({ "token": token(app, EMAIL) })).await;
    app.run_jobs().await;
    app.with_session(&answer)
}

async fn viewer(actor: &Actor) -> Value {
    actor.gql(VIEWER, json!({})).await.ok()["viewer"].clone()
}

#[tokio::test]
async fn another_address_is_asked_for_proven_and_told() {
    let app = TestApp::builder().smtp().start().await;
    let ada = known(&app).await;
    let said = json!({ "input": { "name": "Ada", "locale": "de-AT" } });
    let changed = ada.gql(UPDATE, said).await.ok()["profileUpdate"]["user"].clone();
    assert_eq!(changed, json!({ "email": EMAIL, "name": "Ada", "locale": "de-AT" }));
    let bare = ada.gql(UPDATE, json!({ "input": { "email": NEW } })).await;
    let field = json!({ "field": ["input", "password"], "code": "INVALID" });
    assert_eq!(bare.data["profileUpdate"]["userErrors"], json!([field]));
    let asked = ada.gql(UPDATE, json!({ "input": { "email": NEW, "password": PASSWORD } })).await.ok();
    assert_eq!(asked["profileUpdate"]["user"]["email"], EMAIL, "not yet");
    assert_eq!(viewer(&ada).await["newEmail"], NEW);
    app.run_jobs().await;
    let mut told: Vec<_> =
        app.emails().into_iter().rev().take(2).map(|mail| (mail.to, mail.subject)).collect();
    told.sort();
    let expected =
        [(NEW, "Confirm your new email address"), (EMAIL, "Your email address is about to change")];
    assert_eq!(told, expected.map(|(to, subject)| (to.to_owned(), subject.to_owned())));
    let link = token(&app, NEW);
    let stranger = app.nobody().gql(VERIFY, json!({ "token": link, "password": "not the password" })).await;
    assert_eq!(stranger.data["emailVerify"]["userErrors"][0]["field"], json!(["password"]));
    let proven = app.nobody().gql(VERIFY, json!({ "token": link, "password": PASSWORD })).await.ok();
    assert_eq!(proven["emailVerify"]["session"]["user"]["email"], NEW);
    let seen = viewer(&ada).await;
    assert_eq!((&seen["actor"]["email"], &seen["newEmail"]), (&json!(NEW), &Value::Null));
    let old = app.nobody().gql(LOG_IN, json!({ "email": EMAIL, "password": PASSWORD })).await;
    assert_eq!(old.user_error_codes(), ["INVALID"]);
    app.nobody().gql(LOG_IN, json!({ "email": NEW, "password": PASSWORD })).await.ok();
    app.run_jobs().await;
    let told = app.emails().pop().unwrap();
    assert_eq!((told.to.as_str(), told.subject.as_str()), (EMAIL, "Your email address was changed"));
    assert!(!told.text.contains(NEW), "whoever reads the old mailbox is not told the new one");
}

/// Whoever took a log-in over moves it twice before the first mail leaves: the address of before hears of it all the same.
#[tokio::test]
async fn each_former_address_is_told_however_fast_the_address_changes() {
    let app = TestApp::builder().smtp().start().await;
    let ada = known(&app).await;
    let me = ada.gql("{ viewer { actor { ... on User { id } } } }", json!({})).await.ok();
    let id = me["viewer"]["actor"]["id"].as_str().unwrap().parse().unwrap();
    for (rotation, email) in [(1, NEW), (2, "ada@third.example")] {
        ada.gql(UPDATE, json!({ "input": { "email": email, "password": PASSWORD } })).await.ok();
        let link = app.secrets.email_token(id, rotation).expose().to_owned();
        let proven = app.nobody().gql(VERIFY, json!({ "token": link, "password": PASSWORD })).await.ok();
        assert_eq!(proven["emailVerify"]["session"]["user"]["email"], email);
    }
    app.run_jobs().await;
    let changed = app.emails().into_iter().filter(|mail| mail.subject == "Your email address was changed");
    let mut told: Vec<_> = changed.map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, [NEW, EMAIL]);
}

#[tokio::test]
async fn a_profile_is_its_users_and_guesses_are_counted() {
    let app = TestApp::start().await;
    let said = json!({ "input": { "name": "Mallory" } });
    for actor in [app.nobody(), app.api_key(P::ALL, &[]).await] {
        assert_eq!(actor.gql(UPDATE, said.clone()).await.code(), "UNAUTHENTICATED");
    }
    let owner = app.owner();
    for n in 0..11 {
        let saved = json!({ "input": { "name": format!("Olivia {n}"), "email": "Owner@example.com" } });
        owner.gql(UPDATE, saved).await.ok();
    }
    for n in 0..5 {
        let guess = json!({ "input": { "email": NEW, "password": format!("guess number {n}") } });
        assert_eq!(owner.gql(UPDATE, guess).await.user_error_codes(), ["INVALID"]);
    }
    let more = owner.gql(UPDATE, json!({ "input": { "email": NEW, "password": "guess" } })).await;
    assert_eq!(more.code(), "RATE_LIMITED", "five emails an hour to one recipient");
    assert_eq!(app.run_jobs().await, 0, "and none was sent");
    let wrong = json!({ "input": { "name": "x".repeat(201), "locale": "german" } });
    assert_eq!(owner.gql(UPDATE, wrong).await.user_error_codes(), ["TOO_LONG", "INVALID"]);
}

#[tokio::test]
async fn a_second_account_is_made_and_switched_to() {
    let app = TestApp::start().await;
    let owner = app.owner();
    let said =
        json!({ "input": { "name": " Second ", "defaultCurrency": "EUR", "timeZone": "Europe/Berlin" } });
    let made = owner.gql(CREATE, said).await.ok()["accountCreate"]["account"].clone();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made,
        json!({ "id": id, "name": "Second", "defaultCurrency": "EUR", "timeZone": "Europe/Berlin", "country": null,
            "locale": "en" })
    );
    assert_eq!(owner.gql("{ account { id } }", json!({})).await.code(), "ACCOUNT_REQUIRED", "two by now");
    assert_eq!(viewer(&owner.about(&id)).await["account"]["id"], json!(id));
    let trail = "{ auditEntries { nodes { action } } }";
    let trail = owner.about(&id).gql(trail, json!({})).await.ok();
    assert_eq!(trail["auditEntries"]["nodes"], json!([{ "action": "accountCreate" }]));
    let nameless = owner.gql(CREATE, json!({ "input": { "country": "Germany" } })).await;
    assert_eq!(nameless.user_error_codes(), ["INVALID", "REQUIRED"]);
    for actor in [app.nobody(), app.api_key(P::ALL, &[]).await] {
        let refused = actor.gql(CREATE, json!({ "input": { "name": "X" } })).await;
        assert_eq!(refused.code(), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn on_an_instance_that_takes_no_strangers_operators_make_accounts() {
    for policy in [RegistrationPolicy::Invite, RegistrationPolicy::Closed] {
        let app = TestApp::builder().registration(policy).start().await;
        let said = json!({ "input": { "name": "Second" } });
        assert_eq!(app.owner().gql(CREATE, said.clone()).await.user_error_codes(), ["FORBIDDEN"]);
        app.sql("UPDATE users SET instance_operator = true").await;
        app.owner().gql(CREATE, said).await.ok();
    }
}

/// One user, an owner in one account and a viewer in another: each request has the rights of the account that it names.
#[tokio::test]
async fn rights_are_those_of_the_account_that_is_named() {
    let app = TestApp::start().await;
    let there = app.member(Role::Viewer).await;
    let ours = app.account_id().to_string();
    let seen = viewer(&there).await;
    let own =
        seen["memberships"].as_array().unwrap().iter().find(|member| member["roles"][0]["id"] == "rol_owner");
    let own = own.unwrap()["account"]["id"].as_str().unwrap().to_owned();
    let here = there.about(&own);
    let create = "mutation { programCreate(input: { name: \"P\", currency: \"EUR\" }) { program { id } userErrors { code } } }";
    assert_eq!(there.gql(create, json!({})).await.code(), "FORBIDDEN");
    let made = here.gql(create, json!({})).await.ok()["programCreate"]["program"]["id"].clone();
    for (actor, account, rights) in
        [(&there, &ours, Role::Viewer.permissions().len()), (&here, &own, P::ALL.len())]
    {
        let seen = viewer(actor).await;
        assert_eq!(seen["account"]["id"], json!(account));
        assert_eq!(seen["permissions"].as_array().unwrap().len(), rights);
    }
    let program = "query($id: ID!) { program(id: $id) { id } }";
    assert_eq!(here.gql(program, json!({ "id": made })).await.ok()["program"]["id"], made);
    assert_eq!(
        there.gql(program, json!({ "id": made })).await.ok()["program"],
        Value::Null,
        "not that account's"
    );
    for wrong in ["acc_01h455vb4pex5vsknk084sn02q", "nonsense", ""] {
        assert_eq!(there.about(wrong).gql(create, json!({})).await.code(), "ACCOUNT_NOT_FOUND", "{wrong}");
    }
    // A key is of one account, whatever the header says.
    let key = app.api_key(&[P::ProgramsWrite], &[]).await;
    assert_eq!(key.about(&own).gql(create, json!({})).await.code(), "ACCOUNT_NOT_FOUND");
    key.about(&ours).gql(create, json!({})).await.ok();
    app.run_jobs().await;
}
