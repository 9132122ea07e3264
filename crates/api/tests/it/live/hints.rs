use std::time::Duration;

use domain::team::Permission as P;
use serde_json::json;
use test_support::{Heard, TestApp};

use super::{followed_by, happen, sequence};

const CHANGED: &str = "subscription ($ids: [ID!]) { overviewChanged(programIds: $ids) { at } }";
const QUEUES: &str = "subscription { queues { name ready paused } }";

#[tokio::test]
async fn much_that_happens_is_one_hint() {
    let app = TestApp::builder().pace(|pace| pace.figures = Duration::from_secs(3_600)).start().await;
    app.leave_jobs();
    let program = app.program().await;
    sequence(&app).await;
    let limited = app.api_key(&[P::ProgramsRead], &[program]).await;
    let mut all = app.owner().socket().await;
    let mut some = limited.socket().await;
    all.subscribe("1", CHANGED, json!({})).await;
    some.subscribe("1", CHANGED, json!({})).await;
    followed_by(&app, 2).await;
    happen(&app, &["a", "b", "c"]).await;
    let hint = all.next("1").await;
    assert_eq!(hint["data"]["overviewChanged"]["at"], "2026-03-02T09:00:00+00:00");
    happen(&app, &["d"]).await;
    all.subscribe("2", "{ viewer { actor { __typename } } }", json!({})).await;
    assert_eq!(
        all.next("2").await["data"]["viewer"]["actor"]["__typename"],
        "User",
        "no second hint before it"
    );

    // The account's own events are not this key's; the program's are.
    let updated =
        "mutation ($id: ID!) { programUpdate(id: $id, input: { name: \"New\" }) { userErrors { message } } }";
    app.owner().gql(updated, json!({ "id": program.to_string() })).await.ok();
    sequence(&app).await;
    assert_eq!(some.next("1").await["data"]["overviewChanged"]["at"], "2026-03-02T09:00:00+00:00");
}

#[tokio::test]
async fn queues_are_counted_once_for_all_who_watch_and_not_for_nobody() {
    let app = TestApp::builder().pace(|pace| pace.figures = Duration::from_millis(50)).start().await;
    app.leave_jobs();
    app.sql("UPDATE users SET instance_operator = true").await;
    let is_count = |statement: &&String| statement.contains("AS oldest_ready_at");
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = app.owner().socket().await;
        socket.subscribe("1", QUEUES, json!({})).await;
        let figures = socket.next("1").await;
        assert_eq!(figures["data"]["queues"][0], json!({ "name": "rewards", "ready": 0, "paused": false }));
        sockets.push(socket);
    }
    let (_, statements) = app
        .count_statements(async {
            let pause = "mutation { queuePause(name: \"rewards\") { userErrors { message } } }";
            app.owner().gql(pause, json!({})).await.ok();
            for socket in &mut sockets {
                let figures = socket.next("1").await;
                assert_eq!(figures["data"]["queues"][0]["paused"], true);
            }
        })
        .await;
    let counts = statements.iter().filter(is_count).count();
    assert!((1..10).contains(&counts), "{counts} counts for 20 who watch");

    for mut socket in sockets {
        socket.send(&json!({ "type": "complete", "id": "1" })).await;
        socket.subscribe("2", "{ viewer { actor { __typename } } }", json!({})).await;
        while socket.hear().await != Heard::Message(json!({ "type": "complete", "id": "2" })) {}
    }
    // The one that was under way may still end.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let (_, statements) = app.count_statements(tokio::time::sleep(Duration::from_millis(150))).await;
    assert_eq!(statements.iter().filter(is_count).count(), 0);
}
