use serde_json::json;
use test_support::{Socket, TestApp};

use super::{fleet::Fleet, redis_server::RedisServer};

const EVENTS: &str =
    "subscription ($after: String) { events(after: $after, topics: [PROGRAM_CREATED]) { cursor } }";
const CREATE: &str = "mutation ($name: String!) {
    programCreate(input: { name: $name, currency: \"EUR\" }) { userErrors { message } } }";

/// The cursor of the next event.
async fn cursor(socket: &mut Socket) -> String {
    let next = socket.next("1").await;
    next["data"]["events"]["cursor"].as_str().unwrap_or_else(|| panic!("{next}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_hears_of_other_processes_with_and_without_redis_and_is_sent_on_at_the_end() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let mut redis = RedisServer::start().await;
    let mut fleet = Fleet::start(&app, &redis.url, 1).await;
    let key = app.api_key(domain::team::Permission::ALL, &[]).await.at(fleet.address);
    let mut socket = key.socket().await;
    // From the beginning, so that nothing depends on which comes first.
    socket.subscribe("1", EVENTS, json!({ "after": "MA" })).await;
    key.gql(CREATE, json!({ "name": "one" })).await.ok();
    cursor(&mut socket).await;

    redis.kill();
    key.gql(CREATE, json!({ "name": "two" })).await.ok();
    let last = cursor(&mut socket).await;
    redis.restart().await;

    fleet.end_api();
    assert_eq!(socket.closed().await, 1001);
    fleet.start_api().await;
    key.gql(CREATE, json!({ "name": "three" })).await.ok();
    let mut again = key.socket().await;
    again.subscribe("1", EVENTS, json!({ "after": last })).await;
    assert_ne!(cursor(&mut again).await, last);
    fleet.stop();
}
