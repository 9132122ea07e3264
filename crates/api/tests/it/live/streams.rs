//! GraphQL over server-sent events.

use std::time::Duration;

use domain::team::Permission as P;
use serde_json::{Value, json};
use test_support::{Response, TestApp};

use super::{EVENTS, codes, cursor, followed_by, happen};

fn code(response: &Response) -> (u16, String) {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    (response.status.as_u16(), codes(&body["errors"]).remove(0))
}

#[tokio::test]
async fn it_goes_live_and_goes_on_behind_the_last_event_that_was_seen() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let mut stream = key.stream(EVENTS, json!({}), &[]).await.ok().unwrap();
    followed_by(&app, 1).await;
    happen(&app, &["a", "b"]).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first.event, "next");
    assert_eq!(first.data["data"]["events"]["node"]["subjectId"], "a");
    assert_eq!(first.data["data"]["events"]["cursor"], first.id.as_str());
    assert_eq!(stream.next().await.unwrap().data["data"]["events"]["node"]["subjectId"], "b");
    drop(stream);
    followed_by(&app, 0).await;

    happen(&app, &["c"]).await;
    let mut again = key.stream(EVENTS, json!({}), &[("last-event-id", &first.id)]).await.ok().unwrap();
    assert_eq!(again.next().await.unwrap().data["data"]["events"]["node"]["subjectId"], "b");
    assert_eq!(again.next().await.unwrap().data["data"]["events"]["node"]["subjectId"], "c");
    app.stop_serving();
    assert_eq!(again.next().await, None, "it breaks off, so that the client comes back");
}

#[tokio::test]
async fn one_answer_is_a_stream_that_completes() {
    let app = TestApp::start().await;
    for stream in [
        app.owner().stream("{ viewer { actor { __typename } } }", json!({}), &[]).await,
        app.owner().stream_by_get("query=%7Bviewer%7Bactor%7B__typename%7D%7D%7D").await,
    ] {
        let mut stream = stream.ok().unwrap();
        let answer = stream.next().await.unwrap();
        assert_eq!(answer.data["data"]["viewer"]["actor"]["__typename"], "User");
        assert_eq!(stream.next().await.unwrap().event, "complete");
        assert_eq!(stream.next().await, None);
    }
    let create =
        "mutation { programCreate(input: { name: \"Coffee\", currency: \"EUR\" }) { program { name } } }";
    let mut made = app.owner().stream(create, json!({}), &[]).await.ok().unwrap();
    assert_eq!(made.next().await.unwrap().data["data"]["programCreate"]["program"]["name"], "Coffee");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_refused_is_no_stream() {
    let app = TestApp::builder().http(|http| http.live.per_viewer = 1).start().await;
    let (key, other) = (app.api_key(&[P::AuditRead], &[]).await, app.api_key(&[P::ProgramsRead], &[]).await);
    let refused = |of: Result<_, Response>| code(&of.err().unwrap());
    let unauthenticated = (401, "UNAUTHENTICATED".to_owned());
    assert_eq!(refused(app.nobody().stream(EVENTS, json!({}), &[]).await.map(drop)), unauthenticated);
    let nonsense = app.with_key("rfo_live_nonsense");
    assert_eq!(refused(nonsense.stream(EVENTS, json!({}), &[]).await.map(drop)), unauthenticated);
    let forbidden = refused(other.stream(EVENTS, json!({}), &[]).await.map(drop));
    assert_eq!(forbidden, (403, "FORBIDDEN".to_owned()));
    let unknown = refused(key.stream("subscription { nothing }", json!({}), &[]).await.map(drop));
    assert_eq!(unknown, (400, "GRAPHQL_VALIDATION_FAILED".to_owned()));
    let wrong = refused(key.stream(EVENTS, json!({}), &[("last-event-id", "%%")]).await.map(drop));
    assert_eq!(wrong, (400, "BAD_REQUEST".to_owned()));
    let before_all = cursor(i64::MIN);
    let before_all = [("last-event-id", before_all.as_str().unwrap())];
    let wrong = refused(key.stream(EVENTS, json!({}), &before_all).await.map(drop));
    assert_eq!(wrong, (400, "BAD_REQUEST".to_owned()), "no position is negative");
    let by_get = refused(key.stream_by_get("query=mutation%7BsessionDelete%7Bid%7D%7D").await.map(drop));
    assert_eq!(by_get, (405, "METHOD_NOT_ALLOWED".to_owned()));

    let open = key.stream(EVENTS, json!({}), &[]).await.ok().unwrap();
    let second = refused(key.stream(EVENTS, json!({}), &[]).await.map(drop));
    assert_eq!(second, (429, "RATE_LIMITED".to_owned()));
    drop(open);
}

#[tokio::test]
async fn it_says_that_it_is_still_there_and_ends_with_its_viewer() {
    let app = TestApp::builder()
        .pace(|pace| pace.recheck = Duration::from_millis(20))
        .http(|http| http.live.heartbeat = Duration::from_millis(20))
        .start()
        .await;
    let key = app.api_key(&[P::AuditRead], &[]).await;
    let mut stream = key.stream(EVENTS, json!({}), &[]).await.ok().unwrap();
    for _ in 0..3 {
        assert_eq!(stream.next_or_heartbeat().await.unwrap().event, "");
    }
    app.sql("UPDATE api_keys SET revoked_at = now()").await;
    let end = stream.next().await.unwrap();
    assert_eq!(
        (end.event.as_str(), codes(&end.data["errors"])),
        ("next", vec!["UNAUTHENTICATED".to_owned()])
    );
    assert_eq!(stream.next().await.unwrap().event, "complete");
    assert_eq!(stream.next().await, None);
}
