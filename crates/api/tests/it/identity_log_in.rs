//! Registration, the link, log-in and log-out, as a browser meets them.

use std::time::Duration;

use api::auth::RegistrationPolicy;
use serde_json::{Value, json};
use test_support::{Actor, Answer, TestApp};

const REGISTER: &str = "mutation($input: RegisterInput!) {
    userRegister(input: $input) { emailSent userErrors { field code message } } }";
const VERIFY: &str = "mutation($token: String!, $password: String!) {
    emailVerify(token: $token, password: $password) { session { current user { email name } } userErrors { field code } } }";
const LOG_IN: &str = "mutation($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) { session { id user { email } } userErrors { code message } } }";
const LOG_OUT: &str =
    "mutation($id: ID) { sessionDelete(id: $id) { session { id current } userErrors { field code } } }";
const VIEWER: &str = "{ viewer { actor { __typename ... on User { email } } account { name }
    memberships { roles { id } allPrograms } permissions sessions { id current } } }";

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";

fn registration(email: &str, password: &str) -> Value {
    json!({ "input": { "email": email, "password": password, "name": "Ada", "accountName": "Engines" } })
}

/// The token in the newest email to Ada.
fn link(app: &TestApp) -> String {
    let mail = app.emails().into_iter().rfind(|mail| mail.to == EMAIL).unwrap();
    let (_, rest) = mail.text.split_once("/verify?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn registered() -> TestApp {
    let app = TestApp::start().await;
    app.nobody().gql(REGISTER, registration(EMAIL, PASSWORD)).await.ok();
    app.run_jobs().await;
    app
}

async fn log_in(by: &Actor) -> Answer {
    by.gql(LOG_IN, json!({ "email": "ADA@example.org", "password": PASSWORD })).await
}

async fn viewer(actor: &Actor) -> Value {
    actor.gql(VIEWER, json!({})).await.ok()["viewer"].clone()
}

#[tokio::test]
async fn from_registration_to_the_first_session() {
    let app = registered().await;
    assert_eq!(log_in(&app.nobody()).await.user_error_codes(), ["INVALID"], "not verified");
    let token = link(&app);
    let verified = app.nobody().gql(VERIFY, json!({ "token": token, "password": PASSWORD })).await;
    let cookie = verified.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("refero_session=") && cookie.contains("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(cookie.contains("Max-Age=5184000"), "{cookie}");
    let ada = app.with_session(&verified);
    assert_eq!(verified.ok()["emailVerify"]["session"]["user"], json!({ "email": EMAIL, "name": "Ada" }));
    let seen = viewer(&ada).await;
    assert_eq!(seen["actor"], json!({ "__typename": "User", "email": EMAIL }));
    assert_eq!(seen["account"]["name"], "Engines");
    assert_eq!(seen["memberships"][0], json!({ "roles": [{ "id": "rol_owner" }], "allPrograms": true }));
    assert_eq!(seen["permissions"].as_array().unwrap().len(), domain::team::Permission::ALL.len());
    let again = app.nobody().gql(VERIFY, json!({ "token": token, "password": PASSWORD })).await;
    assert_eq!(again.user_error_codes(), ["INVALID"]);
    assert!(again.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn the_link_of_a_strangers_registration_opens_nothing_for_them() {
    let app = registered().await;
    app.nobody().gql(REGISTER, registration(EMAIL, "password of a stranger")).await.ok();
    app.run_jobs().await;
    let said = json!({ "token": link(&app), "password": PASSWORD });
    let refused = app.nobody().gql(VERIFY, said).await;
    assert_eq!(refused.user_error_codes(), ["INVALID"]);
    assert_eq!(refused.data["emailVerify"]["userErrors"][0]["field"], json!(["password"]));
    assert!(refused.headers.get("set-cookie").is_none());
    let theirs = json!({ "email": EMAIL, "password": "password of a stranger" });
    assert_eq!(app.nobody().gql(LOG_IN, theirs).await.user_error_codes(), ["INVALID"], "not verified");
}

#[tokio::test]
async fn a_link_that_is_only_opened_changes_nothing() {
    let app = registered().await;
    for path in [format!("/verify?token={}", link(&app)), "/verify/verify.js".to_owned()] {
        let page = app.nobody().get(&path).await;
        assert_eq!(page.status, 200);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"));
    }
    let query = VERIFY.replace("mutation", "query");
    assert!(
        !app.nobody()
            .gql(&query, json!({ "token": link(&app), "password": PASSWORD }))
            .await
            .errors
            .is_empty()
    );
    assert_eq!(log_in(&app.nobody()).await.user_error_codes(), ["INVALID"], "still not verified");
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    let app = registered().await;
    app.nobody().gql(VERIFY, json!({ "token": link(&app), "password": PASSWORD })).await.ok();
    let known = app.nobody().gql(REGISTER, registration(EMAIL, "another password")).await;
    let unknown = app.nobody().gql(REGISTER, registration("bob@example.org", "another password")).await;
    assert_eq!((known.status, known.data.clone()), (unknown.status, unknown.data.clone()));
    known.ok();
    app.run_jobs().await;
    let subjects = |to: &str| {
        let mails = app.emails().into_iter().filter(|mail| mail.to == to);
        mails.map(|mail| mail.text.contains("/verify?token=")).collect::<Vec<_>>()
    };
    assert_eq!((subjects(EMAIL), subjects("bob@example.org")), (vec![true, false], vec![true]));
    let wrong = |email: &str| json!({ "email": email, "password": "wrong password" });
    let known = app.nobody().gql(LOG_IN, wrong(EMAIL)).await;
    let unknown = app.nobody().gql(LOG_IN, wrong("carol@example.org")).await;
    assert_eq!(known.data, unknown.data);
    assert!(known.data["sessionCreate"]["session"].is_null());
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_at_once() {
    let app = TestApp::start().await;
    let input = json!({ "input": { "email": "nobody", "password": "short", "accountName": "" } });
    let refused = app.nobody().gql(REGISTER, input).await;
    let errors = refused.data["userRegister"]["userErrors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"][1].as_str().unwrap()).collect();
    assert_eq!(fields, ["email", "accountName", "password"]);
    assert_eq!(refused.user_error_codes(), ["INVALID", "REQUIRED", "INVALID"]);
}

#[tokio::test]
async fn closed_instances_register_nobody() {
    for policy in [RegistrationPolicy::Closed, RegistrationPolicy::Invite] {
        let app = TestApp::builder().registration(policy).start().await;
        let refused = app.nobody().gql(REGISTER, registration(EMAIL, PASSWORD)).await;
        assert_eq!(refused.user_error_codes(), ["FORBIDDEN"]);
        assert_eq!(app.run_jobs().await, 0);
        assert!(app.emails().is_empty());
    }
}

#[tokio::test]
async fn sessions_end_one_by_one() {
    let app = registered().await;
    let first = app
        .with_session(&app.nobody().gql(VERIFY, json!({ "token": link(&app), "password": PASSWORD })).await);
    let second = app.with_session(&log_in(&app.nobody()).await);
    let sessions = viewer(&second).await["sessions"].clone();
    let current: Vec<_> =
        sessions.as_array().unwrap().iter().map(|session| session["current"] == true).collect();
    assert_eq!(current, [true, false]);
    let (mine, other) = (sessions[0]["id"].clone(), sessions[1]["id"].clone());

    let stranger = app.owner().gql(LOG_OUT, json!({ "id": mine })).await;
    assert_eq!(stranger.user_error_codes(), ["NOT_FOUND"]);
    let ended = second.gql(LOG_OUT, json!({ "id": other })).await;
    assert!(ended.headers.get("set-cookie").is_none(), "the cookie is that of the other session");
    ended.ok();
    assert!(viewer(&first).await.is_null());

    let third = app.with_session(&log_in(&second).await);
    assert!(viewer(&second).await.is_null(), "a log-in replaces the session that the browser had");
    let out = third.gql(LOG_OUT, json!({})).await;
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert!(viewer(&third).await.is_null());
    log_in(&third).await.ok();
    assert_eq!(third.gql(LOG_OUT, json!({})).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn guesses_are_counted() {
    let app = registered().await;
    let guess = |n: usize| json!({ "email": EMAIL, "password": format!("a guess {n}") });
    for n in 0..10 {
        assert_eq!(app.nobody().gql(LOG_IN, guess(n)).await.user_error_codes(), ["INVALID"]);
    }
    let refused = app.nobody().gql(LOG_IN, guess(10)).await;
    assert_eq!(refused.code(), "RATE_LIMITED");
    assert!(refused.errors[0]["extensions"]["retryAfter"].as_u64().unwrap() > 0);
    assert_eq!(log_in(&app.nobody()).await.code(), "RATE_LIMITED", "in any spelling, right or wrong");
    let other = json!({ "email": "bob@example.org", "password": "a guess" });
    assert_eq!(app.nobody().gql(LOG_IN, other).await.user_error_codes(), ["INVALID"]);
    for _ in 0..4 {
        app.nobody().gql(REGISTER, registration(EMAIL, PASSWORD)).await.ok();
    }
    let mails = app.nobody().gql(REGISTER, registration(EMAIL, PASSWORD)).await;
    assert_eq!(mails.code(), "RATE_LIMITED", "five emails an hour to one recipient");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_idle_session_is_nobodys() {
    let app = registered().await;
    let ada = app
        .with_session(&app.nobody().gql(VERIFY, json!({ "token": link(&app), "password": PASSWORD })).await);
    app.clock.set(app.clock.now() + Duration::from_secs(14 * 24 * 3600));
    assert!(viewer(&ada).await.is_null());
    assert_eq!(ada.gql("{ account { id } }", json!({})).await.code(), "UNAUTHENTICATED");
}
