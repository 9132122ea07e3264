//! Passwords that were forgotten, changed or guessed, and the sessions that end with them, as a browser meets them.

use std::time::Duration;

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const REQUEST: &str = "mutation($email: String!) {
    passwordResetRequest(email: $email) { emailSent userErrors { field code } } }";
const RESET: &str = "mutation($token: String!, $password: String!) {
    passwordReset(token: $token, password: $password) { session { current user { email } } userErrors { field code message } } }";
const CHANGE: &str = "mutation($current: String!, $new: String!) {
    passwordChange(current: $current, new: $new) { user { email } userErrors { field code } } }";
const LOG_IN: &str = "mutation($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) { session { id } userErrors { code } } }";
const OTHERS: &str = "mutation { sessionsDeleteOthers { ended userErrors { code } } }";
const SESSIONS: &str = "{ viewer { actor { ... on User { email } } sessions { id current userAgent lastSeenAt createdAt user { email } } } }";

const EMAIL: &str = "outsider1@example.com";
const FIRST: &str = "correct horse battery";
const SECOND: &str = "another horse battery";

/// The path with the token in the newest email to this address.
fn link(app: &TestApp, email: &str) -> String {
    let mail = app.emails().into_iter().rfind(|mail| mail.to == email).unwrap();
    let (_, rest) = mail.text.split_once("/reset?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn reset(app: &TestApp, token: &str, password: &str) -> test_support::Answer {
    app.nobody().gql(RESET, json!({ "token": token, "password": password })).await
}

/// The outsider, whose password is known now, and the token that made it known.
async fn known(app: &TestApp) -> (Actor, String) {
    app.outsider().await;
    app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await.ok();
    app.run_jobs().await;
    let token = link(app, EMAIL);
    let answer = reset(app, &token, FIRST).await;
    app.run_jobs().await;
    (app.with_session(&answer), token)
}

async fn log_in(app: &TestApp, password: &str) -> Actor {
    let said = json!({ "email": EMAIL, "password": password });
    app.with_session(&app.nobody().gql(LOG_IN, said).await)
}

async fn viewer(actor: &Actor) -> Value {
    actor.gql(SESSIONS, json!({})).await.ok()["viewer"].clone()
}

#[tokio::test]
async fn who_forgot_their_password_gets_in_by_a_link() {
    let app = TestApp::builder().smtp().start().await;
    let before = app.outsider().await;
    app.nobody().gql(REQUEST, json!({ "email": " Outsider1@Example.com" })).await.ok();
    app.run_jobs().await;
    let token = link(&app, EMAIL);
    let weak = reset(&app, &token, "short").await;
    assert_eq!(weak.user_error_codes(), ["INVALID"]);
    assert_eq!(weak.data["passwordReset"]["userErrors"][0]["field"], json!(["password"]));
    let answer = reset(&app, &token, FIRST).await;
    let after = app.with_session(&answer);
    assert_eq!(
        answer.ok()["passwordReset"]["session"],
        json!({ "current": true, "user": { "email": EMAIL } })
    );
    assert!(viewer(&before).await.is_null(), "all sessions ended");
    assert_eq!(viewer(&after).await["actor"]["email"], EMAIL);
    let again = reset(&app, &token, SECOND).await;
    assert_eq!(again.data["passwordReset"]["userErrors"][0]["field"], json!(["token"]));
    assert!(again.headers.get("set-cookie").is_none());
    app.run_jobs().await;
    let told = app.emails().pop().unwrap();
    assert_eq!((told.to.as_str(), told.subject.as_str()), (EMAIL, "Your password was changed"));
    assert!(told.text.contains("2 March 2026, 09:00 UTC"), "{}", told.text);
    log_in(&app, FIRST).await;
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    let app = TestApp::start().await;
    app.outsider().await;
    let known = app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await;
    let unknown = app.nobody().gql(REQUEST, json!({ "email": "carol@example.com" })).await;
    assert_eq!((known.status, &known.data), (unknown.status, &unknown.data));
    known.ok();
    app.run_jobs().await;
    let to: Vec<_> = app.emails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, [EMAIL], "and only a user gets mail");
    let nonsense = app.nobody().gql(REQUEST, json!({ "email": "nobody" })).await;
    assert_eq!(nonsense.user_error_codes(), ["INVALID"]);
    assert_eq!(nonsense.data["passwordResetRequest"]["userErrors"][0]["field"], json!(["email"]));
}

#[tokio::test]
async fn requests_are_limited_by_recipient_and_by_client() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        app.nobody().gql(REQUEST, json!({ "email": "carol@example.com" })).await.ok();
    }
    let refused = app.nobody().gql(REQUEST, json!({ "email": "CAROL@example.com" })).await;
    assert_eq!(refused.code(), "RATE_LIMITED", "five an hour, whether the address is known or not");
    for number in 0..24 {
        app.nobody().gql(REQUEST, json!({ "email": format!("p{number}@example.com") })).await.ok();
    }
    let refused = app.nobody().gql(REQUEST, json!({ "email": "last@example.com" })).await;
    assert_eq!(refused.code(), "RATE_LIMITED", "thirty an hour from one address");
}

#[tokio::test]
async fn a_link_that_is_of_no_use_any_more_is_not_sent() {
    let app = TestApp::start().await;
    app.outsider().await;
    app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await.ok();
    app.clock.set(app.clock.now() + Duration::from_secs(60));
    app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await.ok();
    app.run_jobs().await;
    assert_eq!(app.emails().len(), 1, "the newer one");
    app.clock.set(app.clock.now() + Duration::from_secs(60));
    app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await.ok();
    app.clock.set(app.clock.now() + Duration::from_secs(3600));
    app.run_jobs().await;
    assert_eq!(app.emails().len(), 1, "expired before it was sent");
}

#[tokio::test]
async fn a_changed_password_ends_all_sessions_but_this_one() {
    let app = TestApp::start().await;
    let (here, _) = known(&app).await;
    let there = log_in(&app, FIRST).await;
    let wrong = here.gql(CHANGE, json!({ "current": "wrong password", "new": SECOND })).await;
    assert_eq!(
        wrong.data["passwordChange"]["userErrors"][0],
        json!({ "field": ["current"], "code": "INVALID" })
    );
    let weak = here.gql(CHANGE, json!({ "current": FIRST, "new": EMAIL })).await;
    assert_eq!(weak.data["passwordChange"]["userErrors"][0], json!({ "field": ["new"], "code": "INVALID" }));
    here.gql(CHANGE, json!({ "current": FIRST, "new": SECOND })).await.ok();
    assert_eq!(viewer(&here).await["actor"]["email"], EMAIL);
    assert!(viewer(&there).await.is_null());
    app.run_jobs().await;
    assert_eq!(app.emails().pop().unwrap().subject, "Your password was changed");
    let key = app.api_key(&[P::ProgramsRead], &[]).await;
    for actor in [app.nobody(), key] {
        let refused = actor.gql(CHANGE, json!({ "current": FIRST, "new": SECOND })).await;
        assert_eq!(refused.code(), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn guesses_from_a_stolen_session_count_as_attempts_to_log_in() {
    let app = TestApp::start().await;
    let (here, _) = known(&app).await;
    for n in 0..10 {
        let guess = json!({ "current": format!("guess number {n}"), "new": SECOND });
        assert_eq!(here.gql(CHANGE, guess).await.user_error_codes(), ["INVALID"]);
    }
    let refused = here.gql(CHANGE, json!({ "current": FIRST, "new": SECOND })).await;
    assert_eq!(refused.code(), "RATE_LIMITED");
    let log_in = app.nobody().gql(LOG_IN, json!({ "email": EMAIL, "password": FIRST })).await;
    assert_eq!(log_in.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn sessions_are_seen_by_their_user_alone_and_all_others_end_at_once() {
    let app = TestApp::start().await;
    let (here, _) = known(&app).await;
    let there = log_in(&app, FIRST).await;
    let sessions = viewer(&here).await["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    for session in &sessions {
        assert_eq!(session["user"]["email"], EMAIL);
        assert_eq!(session["lastSeenAt"], "2026-03-02T09:00:00+00:00");
    }
    let owners = viewer(&app.owner()).await["sessions"].as_array().unwrap().clone();
    assert_eq!((owners.len(), &owners[0]["userAgent"]), (1, &json!("a test")), "none of the outsider's");
    assert_eq!(here.gql(OTHERS, json!({})).await.ok()["sessionsDeleteOthers"]["ended"], 1);
    assert!(viewer(&there).await.is_null());
    assert_eq!(viewer(&here).await["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(viewer(&app.owner()).await["actor"]["email"], "owner@example.com", "nobody else's end");
    assert_eq!(app.nobody().gql(OTHERS, json!({})).await.code(), "UNAUTHENTICATED");
    assert_eq!(
        app.api_key(&[P::ProgramsRead], &[]).await.gql(OTHERS, json!({})).await.code(),
        "UNAUTHENTICATED"
    );
}

#[tokio::test]
async fn the_page_of_the_link_is_served_and_opening_it_changes_nothing() {
    let app = TestApp::start().await;
    app.outsider().await;
    app.nobody().gql(REQUEST, json!({ "email": EMAIL })).await.ok();
    app.run_jobs().await;
    let token = link(&app, EMAIL);
    for (path, word) in [
        (format!("/reset?token={token}"), "Choose another password"),
        ("/reset".to_owned(), "Send me a link"),
        ("/reset/reset.js".to_owned(), "passwordReset"),
    ] {
        let response = app.nobody().get(&path).await;
        assert_eq!(response.status, 200, "{path}");
        assert!(String::from_utf8_lossy(&response.body).contains(word), "{path}");
        let policy = response.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    }
    reset(&app, &token, FIRST).await.ok();
    app.run_jobs().await;
}
