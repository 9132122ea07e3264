//! Stories of a team, through the API alone and a mail server that speaks SMTP.

use std::time::Duration;

use api::auth::RegistrationPolicy;
use domain::team::{Permission as P, Role};
use mailer::test_server::{Behaviour, Step};
use serde_json::{Value, json};
use test_support::{Actor, Answer, TestApp};

pub const CREATE: &str = "mutation($input: InviteCreateInput!) { inviteCreate(input: $input) {
    results { email outcome invite { id email status delivery sendCount expiresAt roles { id } allPrograms
      sentBy { ... on User { email } } } }
    userErrors { field code message } } }";
const RESEND: &str = "mutation($id: ID!) { inviteResend(id: $id) {
    invite { status delivery sendCount } userErrors { code details } } }";
const REVOKE: &str =
    "mutation($id: ID!) { inviteRevoke(id: $id) { invite { status } userErrors { code details } } }";
const ACCEPT: &str = "mutation($input: InviteAcceptInput!) { inviteAccept(input: $input) {
    member { id user { email name } roles { id } account { id name } } session { current } userErrors { field code details } } }";
const PREVIEW: &str = "query($token: String!) { invitePreview(token: $token) {
    accountName inviterName email status userExists roles { id } } }";
const INVITES: &str = "query($status: [InviteStatus!]) { account { invites(status: $status) { totalCount
    nodes { id email status delivery deliveryError } } } }";
pub const MEMBERS: &str = "{ account { members { nodes { id user { email } roles { id } } } } }";
pub const REMOVE: &str =
    "mutation($id: ID!) { memberRemove(id: $id) { member { user { email } } userErrors { code } } }";
pub const UPDATE: &str = "mutation($id: ID!, $input: MemberInput!) { memberUpdate(id: $id, input: $input) {
    member { roles { id } allPrograms } userErrors { field code } } }";
pub const LEAVE: &str = "mutation { memberLeave { member { user { email } } userErrors { code } } }";
const REACHED: &str = "{ viewer { account { name } permissions } programs { nodes { id } } }";

pub const ADA: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";
const DAY: Duration = Duration::from_secs(24 * 3600);

pub async fn invite(app: &TestApp, email: &str, role: &str) -> String {
    let input = json!({ "input": { "emails": [email], "roleId": role } });
    let done = app.owner().gql(CREATE, input).await.ok();
    app.run_jobs().await;
    done["inviteCreate"]["results"][0]["invite"]["id"].as_str().unwrap().to_owned()
}

/// The token in the newest email to this address.
pub fn token(app: &TestApp, email: &str) -> String {
    let mail = app.emails().into_iter().rfind(|mail| mail.to == email).unwrap();
    let (_, rest) = mail.text.split_once("/invite?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

pub async fn accept(by: &Actor, token: &str) -> Answer {
    by.gql(ACCEPT, json!({ "input": { "token": token, "name": "Ada", "password": PASSWORD } })).await
}

/// Ada, who joined with this role and is logged in.
async fn joined(app: &TestApp, role: &str) -> Actor {
    invite(app, ADA, role).await;
    let accepted = accept(&app.nobody(), &token(app, ADA)).await;
    assert_eq!(accepted.user_error_codes(), Vec::<&str>::new());
    app.run_jobs().await;
    app.with_session(&accepted)
}

pub async fn member_id(app: &TestApp, email: &str) -> Value {
    let members = app.owner().gql(MEMBERS, json!({})).await.ok();
    let members = members["account"]["members"]["nodes"].as_array().unwrap().clone();
    members.iter().find(|member| member["user"]["email"] == email).unwrap()["id"].clone()
}

async fn first_invite(app: &TestApp) -> Value {
    app.owner().gql(INVITES, json!({})).await.ok()["account"]["invites"]["nodes"][0].clone()
}

#[tokio::test]
async fn a_colleague_without_a_user_joins_by_the_link() {
    let app = TestApp::builder().smtp().registration(RegistrationPolicy::Invite).start().await;
    let id = invite(&app, "Ada@Example.org", "rol_manager").await;
    let shown = first_invite(&app).await;
    assert_eq!(
        (&shown["id"], &shown["email"], &shown["delivery"]),
        (&json!(id), &json!(ADA), &json!("SENT"))
    );
    let token = token(&app, ADA);
    let preview = app.nobody().gql(PREVIEW, json!({ "token": token })).await.ok()["invitePreview"].clone();
    let expected = json!({ "accountName": "owner", "inviterName": "owner", "email": ADA, "status": "PENDING",
        "userExists": false, "roles": [{ "id": "rol_manager" }] });
    assert_eq!(preview, expected);
    let weak = json!({ "input": { "token": token, "password": "short" } });
    assert_eq!(app.nobody().gql(ACCEPT, weak).await.user_error_codes(), ["INVALID"]);
    let accepted = accept(&app.nobody(), &token).await;
    let ada = app.with_session(&accepted);
    let accepted = accepted.ok()["inviteAccept"].clone();
    assert_eq!(accepted["member"]["user"], json!({ "email": ADA, "name": "Ada" }));
    assert_eq!(accepted["session"]["current"], true);
    let seen = ada.gql(REACHED, json!({})).await.ok();
    assert_eq!(seen["viewer"]["account"]["name"], "owner");
    let again = accept(&app.nobody(), &token).await;
    assert_eq!(again.data["inviteAccept"]["userErrors"][0]["details"]["current"], "ACCEPTED");
    app.run_jobs().await;
    let told = app.emails().into_iter().rfind(|mail| mail.to == "owner@example.com").unwrap();
    assert_eq!(told.subject, "ada@example.org joined owner");
    let preview = app.nobody().gql(PREVIEW, json!({ "token": token })).await.ok()["invitePreview"].clone();
    assert_eq!((&preview["status"], &preview["userExists"]), (&json!("ACCEPTED"), &Value::Null));
    assert_eq!(app.nobody().gql(PREVIEW, json!({ "token": "x" })).await.ok()["invitePreview"], Value::Null);
}

#[tokio::test]
async fn a_colleague_with_a_user_logs_in_and_joins() {
    let app = TestApp::builder().smtp().registration(RegistrationPolicy::Closed).start().await;
    let outsider = app.outsider().await;
    let who = outsider.gql("{ viewer { actor { ... on User { email } } } }", json!({})).await.ok();
    let email = who["viewer"]["actor"]["email"].as_str().unwrap().to_owned();
    invite(&app, &email, "rol_finance").await;
    let token = token(&app, &email);
    let preview = app.nobody().gql(PREVIEW, json!({ "token": token })).await.ok();
    assert_eq!(preview["invitePreview"]["userExists"], true);
    assert_eq!(accept(&app.nobody(), &token).await.user_error_codes(), ["LOG_IN_REQUIRED"]);
    assert_eq!(accept(&app.owner(), &token).await.user_error_codes(), ["FORBIDDEN"], "somebody else");
    let accepted = accept(&outsider, &token).await.ok()["inviteAccept"].clone();
    assert_eq!(accepted["session"], Value::Null);
    assert_eq!(accepted["member"]["roles"][0]["id"], "rol_finance");
    let joined = outsider.about(&app.account_id().to_string());
    assert_eq!(joined.gql(REACHED, json!({})).await.ok()["viewer"]["account"]["name"], "owner");
    assert_eq!(outsider.gql(REACHED, json!({})).await.code(), "ACCOUNT_REQUIRED", "two accounts now");
    app.run_jobs().await;
    invite(&app, ADA, "rol_viewer").await;
    assert_eq!(
        accept(&app.nobody(), &self::token(&app, ADA)).await.user_error_codes(),
        ["FORBIDDEN"],
        "closed"
    );
}

#[tokio::test]
async fn an_address_that_bounces_is_told_and_can_be_tried_again() {
    let app = TestApp::builder().smtp().start().await;
    app.smtp().behave(Behaviour::Answer(Step::Recipient, 550));
    let id = invite(&app, ADA, "rol_viewer").await;
    let shown = first_invite(&app).await;
    assert_eq!((&shown["status"], &shown["delivery"]), (&json!("PENDING"), &json!("BOUNCED")));
    let reason = shown["deliveryError"].as_str().unwrap();
    assert!(reason.starts_with("550") && !reason.contains('@'), "{reason}");
    let bounced =
        app.owner().gql("{ events(topics: [INVITE_BOUNCED]) { nodes { subjectId } } }", json!({})).await.ok();
    assert_eq!(bounced["events"]["nodes"], json!([{ "subjectId": id }]));
    let waiting = app.owner().gql("{ overview { actionItems { kind count } } }", json!({})).await.ok();
    assert_eq!(waiting["overview"]["actionItems"], json!([{ "kind": "INVITES_BOUNCED", "count": 1 }]));
    let bounced = "query($delivery: [InviteDelivery!]) { account { invites(status: [PENDING], delivery: $delivery) { nodes { id } } } }";
    for (delivery, found) in [("BOUNCED", 1), ("SENT", 0)] {
        let listed = app.owner().gql(bounced, json!({ "delivery": [delivery] })).await.ok();
        assert_eq!(listed["account"]["invites"]["nodes"].as_array().unwrap().len(), found, "{delivery}");
    }
    app.smtp().behave(Behaviour::Accept);
    let too_soon = app.owner().gql(RESEND, json!({ "id": id })).await;
    assert_eq!(too_soon.user_error_codes(), ["LIMIT_EXCEEDED"]);
    assert_eq!(too_soon.data["inviteResend"]["userErrors"][0]["details"]["retryAfter"], 60);
    app.advance(Duration::from_secs(60)).await;
    let sent = app.owner().gql(RESEND, json!({ "id": id })).await.ok()["inviteResend"]["invite"].clone();
    assert_eq!(sent, json!({ "status": "PENDING", "delivery": "QUEUED", "sendCount": 2 }));
    app.run_jobs().await;
    assert_eq!(first_invite(&app).await["delivery"], "SENT");
    accept(&app.nobody(), &token(&app, ADA)).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn a_server_that_is_away_for_a_while_delays_an_invite_only() {
    let app = TestApp::builder().smtp().start().await;
    app.smtp().behave(Behaviour::Answer(Step::Recipient, 451));
    invite(&app, ADA, "rol_viewer").await;
    assert_eq!(first_invite(&app).await["delivery"], "QUEUED");
    app.smtp().behave(Behaviour::Accept);
    app.advance(Duration::from_secs(60)).await;
    app.run_jobs().await;
    assert_eq!(first_invite(&app).await["delivery"], "SENT");
}

#[tokio::test]
async fn who_waits_eight_days_needs_another_link() {
    let app = TestApp::builder().smtp().start().await;
    let id = invite(&app, ADA, "rol_viewer").await;
    let old = token(&app, ADA);
    app.advance(8 * DAY).await;
    assert_eq!(
        accept(&app.nobody(), &old).await.user_error_codes(),
        ["INVITE_EXPIRED"],
        "before the schedule"
    );
    app.run_jobs().await;
    assert_eq!(first_invite(&app).await["status"], "EXPIRED");
    let pending = app.owner().gql(INVITES, json!({ "status": ["PENDING"] })).await.ok();
    assert_eq!(pending["account"]["invites"]["totalCount"], 0);
    app.owner().gql(RESEND, json!({ "id": id })).await.ok();
    app.run_jobs().await;
    assert_eq!(accept(&app.nobody(), &old).await.user_error_codes(), ["NOT_FOUND"], "the old link is dead");
    accept(&app.nobody(), &token(&app, ADA)).await.ok();
    app.run_jobs().await;
}

#[tokio::test]
async fn a_revoked_invite_says_so() {
    let app = TestApp::builder().smtp().start().await;
    let id = invite(&app, ADA, "rol_viewer").await;
    app.owner().gql(REVOKE, json!({ "id": id })).await.ok();
    let dead = accept(&app.nobody(), &token(&app, ADA)).await;
    assert_eq!(dead.data["inviteAccept"]["userErrors"][0]["details"]["current"], "REVOKED");
    assert_eq!(app.owner().gql(REVOKE, json!({ "id": id })).await.user_error_codes(), ["WRONG_STATE"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_removed_members_sessions_and_keys_are_dead_at_once() {
    let app = TestApp::builder().smtp().start().await;
    let ada = joined(&app, "rol_admin").await;
    let make = "mutation { apiKeyCreate(input: { name: \"k\", permissions: [PROGRAMS_READ] }) { secret userErrors { code } } }";
    let secret = ada.gql(make, json!({})).await.ok()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let key = app.with_key(&secret);
    key.gql("{ programs { nodes { id } } }", json!({})).await.ok();
    ada.gql(REACHED, json!({})).await.ok();
    let id = member_id(&app, ADA).await;
    app.owner().gql(REMOVE, json!({ "id": id })).await.ok();
    assert_eq!(ada.gql("{ programs { nodes { id } } }", json!({})).await.code(), "ACCOUNT_NOT_FOUND");
    assert_eq!(key.gql("{ programs { nodes { id } } }", json!({})).await.status, 401);
    let still =
        ada.gql("{ viewer { actor { ... on User { email } } memberships { id } } }", json!({})).await.ok();
    assert_eq!(still["viewer"], json!({ "actor": { "email": ADA }, "memberships": [] }), "the log-in stays");
    app.run_jobs().await;
    let told = app.emails().into_iter().rfind(|mail| mail.to == ADA).unwrap();
    assert_eq!(told.subject, "You are no member of owner any more");
    let events = app.owner().gql("{ events { nodes { topic payload } } }", json!({})).await.ok().to_string();
    assert!(!events.contains(ADA), "no address in the feed");
}

#[tokio::test]
async fn roles_change_at_once_and_members_leave() {
    let app = TestApp::builder().smtp().start().await;
    let ada = joined(&app, "rol_viewer").await;
    let create =
        "mutation { programCreate(input: { name: \"P\", currency: \"EUR\" }) { userErrors { code } } }";
    assert_eq!(ada.gql(create, json!({})).await.code(), "FORBIDDEN");
    let id = member_id(&app, ADA).await;
    app.owner().gql(UPDATE, json!({ "id": id, "input": { "roleId": "rol_manager" } })).await.ok();
    ada.gql(create, json!({})).await.ok();
    let unknown = app.owner().gql(UPDATE, json!({ "id": id, "input": { "roleId": "rol_king" } })).await;
    assert_eq!(unknown.user_error_codes(), ["NOT_FOUND"]);
    assert_eq!(app.owner().gql(LEAVE, json!({})).await.user_error_codes(), ["WRONG_STATE"], "the last owner");
    let machine = app.api_key(&[P::TeamWrite], &[]).await;
    assert_eq!(machine.gql(LEAVE, json!({})).await.code(), "UNAUTHENTICATED", "a key is no member");
    ada.gql(LEAVE, json!({})).await.ok();
    assert_eq!(ada.gql(create, json!({})).await.code(), "ACCOUNT_NOT_FOUND");
    app.run_jobs().await;
    let mails = app.emails().into_iter().filter(|mail| mail.subject.contains("any more")).count();
    assert_eq!(mails, 0, "who leaves knows");
}

#[tokio::test]
async fn five_hundred_addresses_with_a_few_bad_ones() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let mut emails: Vec<String> = (0..500).map(|number| format!("p{number}@example.org")).collect();
    emails[17] = "nobody".to_owned();
    emails[400] = String::new();
    let input = |emails: &[String]| json!({ "input": { "emails": emails, "roleId": "rol_viewer" } });
    let refused = app.owner().gql(CREATE, input(&emails)).await;
    let errors = refused.data["inviteCreate"]["userErrors"].as_array().unwrap();
    let fields: Vec<_> =
        errors.iter().map(|error| (error["field"][2].clone(), error["code"].clone())).collect();
    assert_eq!(fields, [(json!("17"), json!("INVALID")), (json!("400"), json!("REQUIRED"))]);
    assert_eq!(first_invite(&app).await, Value::Null, "nobody was invited");
    let too_many: Vec<String> = (0..501).map(|number| format!("p{number}@example.org")).collect();
    let refused = app.owner().gql(CREATE, input(&too_many)).await;
    let error = &refused.data["inviteCreate"]["userErrors"][0];
    assert_eq!((&error["field"], &error["code"]), (&json!(["input", "emails"]), &json!("TOO_LONG")));
    emails[17] = "P18@Example.org".to_owned();
    emails[400] = "owner@example.com".to_owned();
    let bare = "mutation($input: InviteCreateInput!) { inviteCreate(input: $input) { results { outcome } userErrors { code } } }";
    let (done, statements) = app.count_statements(app.owner().gql(bare, input(&emails))).await;
    assert!(statements.len() <= 16, "{} statements: {statements:#?}", statements.len());
    let done = done.ok();
    let results = done["inviteCreate"]["results"].as_array().unwrap();
    let count = |word: &str| results.iter().filter(|result| result["outcome"] == word).count();
    assert_eq!((results.len(), count("INVITED"), count("ALREADY_MEMBER")), (499, 498, 1));
    let again = app.owner().gql(bare, input(&emails)).await.ok();
    let results = again["inviteCreate"]["results"].as_array().unwrap();
    assert_eq!(results.iter().filter(|result| result["outcome"] == "ALREADY_INVITED").count(), 498);
}

#[tokio::test]
async fn the_team_is_seen_and_changed_by_those_who_may() {
    let app = TestApp::start().await;
    let id = invite(&app, ADA, "rol_viewer").await;
    let node =
        "query($id: ID!) { node(id: $id) { ... on Invite { email } ... on Member { user { email } } } }";
    for (id, expected) in [
        (json!(id), json!({ "email": ADA })),
        (member_id(&app, "owner@example.com").await, json!({ "user": { "email": "owner@example.com" } })),
    ] {
        assert_eq!(app.owner().gql(node, json!({ "id": id })).await.ok()["node"], expected);
        assert_eq!(app.outsider().await.gql(node, json!({ "id": id })).await.ok()["node"], Value::Null);
        let blind = app.api_key(&[P::ProgramsRead], &[]).await;
        assert_eq!(blind.gql(node, json!({ "id": id })).await.code(), "FORBIDDEN");
    }
    let admin = app.member(Role::Admin).await;
    let input = |role: &str| json!({ "input": { "emails": ["bob@example.org"], "roleId": role } });
    let refused = admin.gql(CREATE, input("rol_owner")).await;
    assert_eq!(refused.user_error_codes(), ["FORBIDDEN"]);
    assert_eq!(refused.data["inviteCreate"]["userErrors"][0]["field"], json!(["input", "roleId"]));
    assert_eq!(admin.gql(CREATE, input("rol_king")).await.user_error_codes(), ["NOT_FOUND"]);
    let owner = member_id(&app, "owner@example.com").await;
    assert_eq!(admin.gql(REMOVE, json!({ "id": owner })).await.user_error_codes(), ["FORBIDDEN"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn the_page_of_the_link_is_served() {
    let app = TestApp::start().await;
    for (path, word) in [("/invite?token=x", "Join a team"), ("/invite/invite.js", "inviteAccept")] {
        let response = app.nobody().get(path).await;
        assert_eq!(response.status, 200, "{path}");
        assert!(String::from_utf8_lossy(&response.body).contains(word), "{path}");
        assert!(response.headers.contains_key("content-security-policy"));
    }
}
