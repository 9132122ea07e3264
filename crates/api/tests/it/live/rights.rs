//! What somebody loses while a connection is open, they lose there too.

use std::time::Duration;

use domain::team::{Permission as P, Role};
use serde_json::{Value, json};
use test_support::{Actor, Heard, TestApp};

use super::{EVENTS, followed_by, happen, refused, sequence, subjects};

async fn app() -> TestApp {
    let app = TestApp::builder().pace(|pace| pace.recheck = Duration::from_millis(20)).start().await;
    app.leave_jobs();
    app
}

/// The id of the one member with this role.
async fn member_id(app: &TestApp, role: &str) -> Value {
    let listed =
        app.owner().gql("{ account { members { nodes { id roles { id } } } } }", json!({})).await.ok();
    let members = listed["account"]["members"]["nodes"].as_array().unwrap();
    members.iter().find(|member| member["roles"][0]["id"] == role).unwrap()["id"].clone()
}

async fn change_role(app: &TestApp, id: &Value, role: &str) {
    let change = "mutation ($id: ID!, $role: ID!) {
        memberUpdate(id: $id, input: { roleId: $role }) { userErrors { message } } }";
    app.owner().gql(change, json!({ "id": id, "role": role })).await.ok();
}

async fn following(app: &TestApp, actor: &Actor) -> test_support::Socket {
    sequence(app).await;
    let mut socket = actor.socket().await;
    socket.subscribe("1", EVENTS, json!({})).await;
    followed_by(app, 1).await;
    happen(app, &["before"]).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["before"]);
    socket
}

#[tokio::test]
async fn a_removed_member_is_shown_out() {
    let app = app().await;
    let mut socket = following(&app, &app.member(Role::Admin).await).await;
    let remove = "mutation ($id: ID!) { memberRemove(id: $id) { userErrors { message } } }";
    app.owner().gql(remove, json!({ "id": member_id(&app, "rol_admin").await })).await.ok();
    assert_eq!(socket.closed().await, 4403);
    followed_by(&app, 0).await;
}

/// The one promise about time: with the pace that processes have. How long it took is printed.
#[tokio::test]
async fn a_removed_member_is_gone_within_a_second() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let mut socket = app.member(Role::Admin).await.socket().await;
    let id = member_id(&app, "rol_admin").await;
    // The first look has passed, which would show anybody out sooner.
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let remove = "mutation ($id: ID!) { memberRemove(id: $id) { userErrors { message } } }";
    app.owner().gql(remove, json!({ "id": id })).await.ok();
    let removed = std::time::Instant::now();
    assert_eq!(socket.closed().await, 4403);
    let took = removed.elapsed();
    eprintln!("gone after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn who_joins_another_account_stays_where_they_are() {
    let app = app().await;
    let mut socket = following(&app, &app.owner()).await;
    let make = "mutation { accountCreate(input: { name: \"Another\" }) { userErrors { message } } }";
    app.owner().gql(make, json!({})).await.ok();
    // Rights are looked at meanwhile.
    tokio::time::sleep(Duration::from_millis(200)).await;
    happen(&app, &["after"]).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["after"]);
}

#[tokio::test]
async fn who_cannot_be_looked_up_for_long_may_not_stay() {
    let app = TestApp::builder()
        .pace(|pace| {
            pace.recheck = Duration::from_millis(20);
            pace.blind = Duration::from_millis(100);
        })
        .start()
        .await;
    let mut socket = app.owner().socket().await;
    app.sql("ALTER TABLE sessions RENAME TO lost").await;
    assert_eq!(socket.closed().await, 1013);
    app.sql("ALTER TABLE lost RENAME TO sessions").await;
}

#[tokio::test]
async fn a_role_that_changes_changes_what_is_under_way() {
    let app = app().await;
    let mut socket = following(&app, &app.member(Role::Admin).await).await;
    let id = member_id(&app, "rol_admin").await;
    change_role(&app, &id, "rol_owner").await;
    // It began again, without anything twice or left out.
    for number in 0..20 {
        happen(&app, &[&format!("s{number}")]).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Changes of the team are events of their own.
    let mut seen = Vec::new();
    while seen.len() < 20 {
        let subject = subjects(&mut socket, "1", 1).await.remove(0);
        if subject.starts_with('s') {
            seen.push(subject);
        }
    }
    assert_eq!(seen, (0..20).map(|number| format!("s{number}")).collect::<Vec<_>>());

    change_role(&app, &id, "rol_viewer").await;
    let lost = loop {
        match socket.hear().await {
            Heard::Message(message) if message["type"] == "next" => {}
            other => break other,
        }
    };
    assert_eq!(refused(&lost, "1"), ["FORBIDDEN"]);
    socket.subscribe("2", "{ viewer { permissions } }", json!({})).await;
    let permissions = socket.next("2").await["data"]["viewer"]["permissions"].clone();
    assert!(!permissions.as_array().unwrap().contains(&json!("AUDIT_READ")));
}

#[tokio::test]
async fn a_key_that_is_revoked_a_session_that_ends_and_a_user_who_is_disabled_are_shown_out() {
    let app = app().await;
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let mut socket = following(&app, &key).await;
    let keys = app.owner().gql("{ apiKeys { nodes { id } } }", json!({})).await.ok();
    let revoke = "mutation ($id: ID!) { apiKeyRevoke(id: $id) { userErrors { message } } }";
    app.owner().gql(revoke, json!({ "id": keys["apiKeys"]["nodes"][0]["id"] })).await.ok();
    assert_eq!(socket.closed().await, 4401);

    let member = app.member(Role::Admin).await;
    let mut socket = following(&app, &member).await;
    app.sql("UPDATE sessions SET revoked_at = now() WHERE user_id = (SELECT user_id FROM members WHERE role = 'ADMIN')")
        .await;
    assert_eq!(socket.closed().await, 4401);

    let member = app.member(Role::Manager).await;
    let mut socket = member.socket().await;
    app.sql("UPDATE users SET status = 'DISABLED' WHERE id = (SELECT user_id FROM members WHERE role = 'MANAGER')")
        .await;
    assert_eq!(socket.closed().await, 4401);

    let mut socket = app.owner().socket().await;
    app.sql("UPDATE accounts SET status = 'SUSPENDED'").await;
    assert_eq!(socket.closed().await, 4403);
}

#[tokio::test]
async fn one_statement_looks_after_all_who_are_connected() {
    let app = TestApp::builder().pace(|pace| pace.recheck = Duration::from_millis(300)).start().await;
    app.leave_jobs();
    let mut sockets = Vec::new();
    for number in 0..30 {
        let actor = match number % 2 {
            0 => app.owner(),
            _ => app.api_key(&[P::AuditRead], &[]).await,
        };
        sockets.push(actor.socket().await);
    }
    let is_look = |statement: &String| statement.contains("AS standing");
    let mut statements = Vec::new();
    // On a busy machine the last to come are still being greeted for a while.
    for _ in 0..10 {
        (_, statements) = app.count_statements(tokio::time::sleep(Duration::from_millis(700))).await;
        if !statements.is_empty() && statements.iter().all(is_look) {
            break;
        }
    }
    assert!((1..=3).contains(&statements.len()), "{}", statements.join("\n"));
    assert!(statements.iter().all(is_look), "{}", statements.join("\n"));
}
