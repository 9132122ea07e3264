use api::live::Wanted;
use domain::team::Permission as P;
use serde_json::json;
use test_support::{Heard, Socket, TestApp};

use super::{EVENTS, cursor, followed_by, happen, record_in, sequence, subjects};

#[tokio::test]
async fn it_replays_from_a_cursor_goes_live_and_resumes() {
    let app = TestApp::start().await;
    app.leave_jobs();
    happen(&app, &["a", "b", "c"]).await;
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let mut socket = key.socket().await;
    socket.subscribe("1", EVENTS, json!({ "after": cursor(0) })).await;
    assert_eq!(subjects(&mut socket, "1", 2).await, ["a", "b"]);
    let third = socket.next("1").await;
    happen(&app, &["d"]).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["d"]);

    socket.send(&json!({ "type": "complete", "id": "1" })).await;
    followed_by(&app, 0).await;
    happen(&app, &["e"]).await;
    // The id is free again.
    socket.subscribe("1", EVENTS, json!({ "after": third["data"]["events"]["cursor"] })).await;
    assert_eq!(subjects(&mut socket, "1", 2).await, ["d", "e"]);
    happen(&app, &["f"]).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["f"]);
}

#[tokio::test]
async fn without_a_cursor_only_what_is_new_comes() {
    let app = TestApp::start().await;
    app.leave_jobs();
    happen(&app, &["old"]).await;
    let mut socket = app.owner().socket().await;
    socket.subscribe("live", EVENTS, json!({})).await;
    followed_by(&app, 1).await;
    happen(&app, &["new"]).await;
    assert_eq!(subjects(&mut socket, "live", 1).await, ["new"]);
}

#[tokio::test]
async fn a_subscriber_sees_what_a_query_would_show() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let (mine, other) = (app.program().await, app.program().await);
    sequence(&app).await;
    let outsider = app.outsider().await;
    let limited = app.api_key(&[P::AuditRead], &[other]).await;
    let start = json!({ "after": cursor(0) });

    let of_mine = json!({ "after": cursor(0), "programIds": [mine.to_string()] });
    let activated = json!({ "after": cursor(0), "topics": ["PROGRAM_ACTIVATED"] });
    let mut owner = app.owner().socket().await;
    owner.subscribe("all", EVENTS, start.clone()).await;
    assert_eq!(subjects(&mut owner, "all", 6).await.len(), 6);
    owner.send(&json!({ "type": "complete", "id": "all" })).await;
    owner.subscribe("mine", EVENTS, of_mine.clone()).await;
    assert_eq!(subjects(&mut owner, "mine", 3).await[0], mine.to_string());
    owner.subscribe("active", EVENTS, activated).await;
    assert_eq!(subjects(&mut owner, "active", 2).await, [mine.to_string(), other.to_string()]);

    let mut beside = limited.socket().await;
    beside.subscribe("all", EVENTS, start.clone()).await;
    let seen = subjects(&mut beside, "all", 3).await;
    assert!(seen.contains(&other.to_string()) && !seen.contains(&mine.to_string()));
    beside.subscribe("mine", EVENTS, of_mine.clone()).await;
    let mut outside = outsider.socket().await;
    outside.subscribe("all", EVENTS, start).await;
    outside.subscribe("mine", EVENTS, of_mine).await;
    followed_by(&app, 6).await;

    // One event for everybody ends the silence: an account's own, of no program.
    let theirs = outsider.gql("{ account { id } }", json!({})).await.ok();
    let theirs = theirs["account"]["id"].as_str().unwrap().parse().unwrap();
    record_in(&app, theirs, &["theirs"]).await;
    happen(&app, &["ours"]).await;
    assert_eq!(subjects(&mut outside, "all", 1).await, ["theirs"]);
    let updated =
        "mutation ($id: ID!) { programUpdate(id: $id, input: { name: \"New\" }) { userErrors { message } } }";
    app.owner().gql(updated, json!({ "id": other.to_string() })).await.ok();
    sequence(&app).await;
    assert_eq!(subjects(&mut beside, "all", 1).await, [other.to_string()], "nothing of no program before it");
}

#[tokio::test]
async fn one_batch_is_read_once_whether_one_follows_or_two_hundred() {
    let app = TestApp::builder().pace(|pace| pace.feed = std::time::Duration::from_secs(3_600)).start().await;
    app.leave_jobs();
    let key = app.api_key(&[P::AuditRead], &[]).await;
    // Whoever's rights are looked up begins again. With nobody beside them the reader would too, and they read a page.
    let scope = domain::scope::AccountScope::whole(app.account_id());
    let _beside = app.live.hub.follow(Wanted { scope, kinds: Vec::new() }, |newest| newest).await;
    let mut sockets: Vec<Socket> = Vec::new();
    for followers in [1_usize, 200] {
        while sockets.len() < followers.div_ceil(50) {
            sockets.push(key.socket().await);
        }
        for number in app.live.hub.figures().followers - 1..followers {
            let everything = "subscription { events { cursor node { id topic subjectId programId actor payload position at } } }";
            sockets[number / 50].subscribe(&number.to_string(), everything, json!({})).await;
        }
        followed_by(&app, followers + 1).await;
        record_in(&app, app.account_id(), &["a", "b", "c"]).await;
        let (heard, statements) = app
            .count_statements(async {
                sequence(&app).await;
                let mut heard = 0;
                for (number, socket) in sockets.iter_mut().enumerate() {
                    for _ in 0..3 * 50.min(followers - number * 50) {
                        assert!(matches!(socket.hear().await, Heard::Message(message) if message["type"] == "next"));
                        heard += 1;
                    }
                }
                heard
            })
            .await;
        assert_eq!(heard, 3 * followers);
        let reads = statements.iter().filter(|statement| is_read_of_events(statement)).count();
        assert_eq!(reads, 1, "{followers} followers:\n{}", statements.join("\n"));
    }
}

#[tokio::test]
async fn nobody_reads_for_nobody() {
    let app = TestApp::builder().pace(|pace| pace.feed = std::time::Duration::from_millis(1)).start().await;
    app.leave_jobs();
    let mut socket = app.owner().socket().await;
    socket.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 1).await;
    drop(socket);
    followed_by(&app, 0).await;
    while app.live.hub.figures().position != 0 {
        tokio::task::yield_now().await;
    }
    let (_, statements) =
        app.count_statements(tokio::time::sleep(std::time::Duration::from_millis(20))).await;
    assert_eq!(statements.iter().filter(|statement| is_read_of_events(statement)).count(), 0);
}

#[tokio::test]
async fn who_falls_behind_the_ring_reads_pages_and_misses_nothing() {
    let app = TestApp::builder().pace(|pace| pace.ring = 3).start().await;
    app.leave_jobs();
    let mut socket = app.owner().socket().await;
    socket.subscribe("1", EVENTS, json!({})).await;
    followed_by(&app, 1).await;
    let names: Vec<String> = (0..350).map(|number| format!("s{number}")).collect();
    for stretch in names.chunks(70) {
        happen(&app, &stretch.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    assert_eq!(subjects(&mut socket, "1", 350).await, names);
}

/// Lets the feed have so many events of a kind more.
async fn insert(app: &TestApp, kind: &str, count: i64) {
    app.sql(&format!(
        "WITH last AS (UPDATE event_counter SET position = position + {count} RETURNING position)
         INSERT INTO events (id, account_id, kind, subject, actor, payload, at, position)
         SELECT gen_random_uuid(), accounts.id, '{kind}', 'inserted', 'system', '{{}}', now(), last.position - n
         FROM last, accounts, generate_series(0, {count} - 1) n"
    ))
    .await;
    queue::Wake::wake(&*app.live.hub);
}

#[tokio::test]
async fn what_only_a_newer_version_knows_is_passed_over() {
    let app = TestApp::start().await;
    app.leave_jobs();
    insert(&app, "moon.landed", 1).await;
    happen(&app, &["a"]).await;
    let mut socket = app.owner().socket().await;
    socket.subscribe("1", EVENTS, json!({ "after": cursor(0) })).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["a"], "from the past");
    insert(&app, "moon.landed", 1).await;
    happen(&app, &["b"]).await;
    assert_eq!(subjects(&mut socket, "1", 1).await, ["b"], "from the ring");
}

#[tokio::test]
async fn what_is_rare_is_looked_for_in_bounded_reads() {
    let app = TestApp::start().await;
    app.leave_jobs();
    sequence(&app).await;
    insert(&app, "program.updated", 25_000).await;
    insert(&app, "program.activated", 1).await;
    let mut socket = app.owner().socket().await;
    let rare = json!({ "after": cursor(0), "topics": ["PROGRAM_ACTIVATED"] });
    let (seen, statements) = app
        .count_statements(async {
            socket.subscribe("1", EVENTS, rare).await;
            subjects(&mut socket, "1", 1).await
        })
        .await;
    assert_eq!(seen, ["inserted"]);
    let pages =
        statements.iter().filter(|statement| statement.contains("\"events\".\"position\" <=")).count();
    assert_eq!(pages, 3, "{}", statements.join("\n"));
}

/// Whether a statement reads events by position: not the sequencer's, which reads those without one.
fn is_read_of_events(statement: &str) -> bool {
    statement.starts_with("SELECT") && statement.contains("\"events\".\"position\" >")
}
