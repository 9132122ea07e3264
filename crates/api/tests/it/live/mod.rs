//! What stays open: the feed over sockets and streams, and who may stay.

mod closes;
mod crowd;
mod feed;
mod hints;
mod limits;
mod queries;
mod rights;
mod slow;
mod streams;

use domain::events::{EventKind, NewEvent, record};
use ids::AccountId;
use serde_json::{Value, json};
use test_support::{Heard, Socket, TestApp};

pub const EVENTS: &str = "subscription ($after: String, $topics: [EventTopic!], $programIds: [ID!]) {
    events(after: $after, topics: $topics, programIds: $programIds) { cursor node { subjectId position } } }";

/// Has something happen to each of these subjects, in this order, in an account.
pub async fn record_in(app: &TestApp, account: AccountId, subjects: &[&str]) {
    let mut conn = app.conn().await;
    for subject in subjects {
        let event = NewEvent::of_account(account, EventKind::ProgramUpdated, subject, &json!({}));
        record(&mut conn, &app.act(), &[event]).await.unwrap();
    }
}

/// Has something happen to each of these subjects, and the feed grow by it.
pub async fn happen(app: &TestApp, subjects: &[&str]) {
    record_in(app, app.account_id(), subjects).await;
    sequence(app).await;
}

/// Gives positions to what has happened, and says so.
pub async fn sequence(app: &TestApp) {
    let mut conn = app.conn().await;
    while domain::subscribers::sequence(&mut conn, app.clock.now(), &app.ids).await.unwrap() > 0 {}
    queue::Wake::wake(&*app.live.hub);
}

/// The subjects of the next events of an operation.
pub async fn subjects(socket: &mut Socket, id: &str, count: usize) -> Vec<String> {
    let mut subjects = Vec::new();
    for _ in 0..count {
        let next = socket.next(id).await;
        let subject = next["data"]["events"]["node"]["subjectId"].as_str();
        subjects.push(subject.unwrap_or_else(|| panic!("no event: {next}")).to_owned());
    }
    subjects
}

/// Waits until that many streams follow the feed: what happens from now on, they hear of.
pub async fn followed_by(app: &TestApp, followers: usize) {
    while app.live.hub.figures().followers != followers || app.live.hub.figures().is_finding_its_start {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// The codes of the errors that an operation was refused with.
pub fn refused(heard: &Heard, id: &str) -> Vec<String> {
    let Heard::Message(message) = heard else { panic!("closed: {heard:?}") };
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
    codes(&message["payload"])
}

/// The codes of a list of errors.
pub fn codes(errors: &Value) -> Vec<String> {
    let errors = errors.as_array().into_iter().flatten();
    errors.filter_map(|error| error["extensions"]["code"].as_str().map(str::to_owned)).collect()
}

/// The cursor of a position.
pub fn cursor(position: i64) -> Value {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    json!(BASE64_URL_SAFE_NO_PAD.encode(position.to_string()))
}
