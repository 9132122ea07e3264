use serde_json::json;

use super::{client::Call, server::Server};

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

#[tokio::test]
async fn an_answer_is_written_as_the_client_accepts() {
    let server = Server::start().await;
    let hello = server.query("{hello}");
    for (call, content_type) in [
        (hello.clone(), JSON),
        (hello.clone().header("accept", "*/*"), JSON),
        (hello.clone().header("accept", "application/json"), JSON),
        (hello.clone().strict(), GRAPHQL),
    ] {
        let answer = call.send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
        assert_eq!(answer.json()["data"], json!({"hello": "hello "}));
    }
    let answer = hello.header("accept", "text/html").send().await;
    assert_eq!((answer.status, answer.code().as_str()), (406, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn a_request_error_has_no_data_and_its_status_depends_on_the_media_type() {
    let server = Server::start().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("{required(values: \"x\")}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A{hello} query B{hello}", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription{hello}", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        for (call, status) in [(server.query(query), 200), (server.query(query).strict(), 400)] {
            let answer = call.send().await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{query}: {}", answer.text);
            assert_eq!(answer.json().get("data"), None, "{query}");
        }
    }
}

#[tokio::test]
async fn only_json_by_post_is_executed() {
    let server = Server::start().await;
    let mutation = server.query("mutation{slow(millis: 0)}");
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/graphql", "text/json"]
    {
        let answer = mutation.clone().header("content-type", content_type).send().await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (415, "UNSUPPORTED_MEDIA_TYPE"),
            "{content_type}"
        );
    }
    assert_eq!(mutation.without("content-type").send().await.status, 415);
    let target = "/graphql?query=mutation%7Bslow(millis:0)%7D";
    let answer = Call::get(server.addr, target).send().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let answer = Call::new(server.addr, "PUT", "/graphql").send().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")));
    assert_eq!(server.finished.0.load(std::sync::atomic::Ordering::SeqCst), 0, "nothing ran");
}

#[tokio::test]
async fn a_query_may_come_by_get() {
    let server = Server::start().await;
    let target =
        "/graphql?query=query%20Q($n:Int!)%7Bhello(times:$n)%7D&variables=%7B%22n%22:2%7D&operationName=Q";
    let answer = Call::get(server.addr, target).strict().send().await;
    assert_eq!((answer.status, &answer.json()["data"]), (200, &json!({"hello": "hello hello "})));
    assert_eq!(Call::get(server.addr, "/graphql").send().await.status, 400);
    assert_eq!(Call::get(server.addr, "/graphql?query=%7Bhello%7D&variables=%7B").send().await.status, 400);
}

#[tokio::test]
async fn malformed_parameters_are_refused_whatever_is_accepted() {
    let server = Server::start().await;
    for body in ["", "{", "[]", "null", r#"{"query":{}}"#, r#"{"query":"{hello}","variables":1}"#] {
        for call in [server.post(body), server.post(body).strict()] {
            let answer = call.send().await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{body}");
        }
    }
}

#[tokio::test]
async fn batches_are_refused_unless_enabled_and_never_log_in() {
    let two = json!([{"query": "{hello}"}, {"query": "{nothing}"}]).to_string();
    assert_eq!(Server::start().await.post(two.as_str()).send().await.status, 400);

    let server = Server::configured(|config| {
        config.limits.batch = 2;
        config.limits.cost = 1_000;
    })
    .await;
    let answer = server.post(two).send().await;
    assert_eq!((answer.status, &answer.json()[0]["data"]["hello"]), (200, &json!("hello ")));
    assert_eq!(answer.json()[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    let log_in = json!([{"query": "mutation{sessionCreate(token: \"t\")}"}]);
    let three = json!([{"query": "{hello}"}, {"query": "{hello}"}, {"query": "{hello}"}]);
    for body in [log_in, three] {
        assert_eq!(server.post(body.to_string()).send().await.status, 400, "{body}");
    }
    let dear = json!({"query": "{items(first: 600){nodes}}"});
    assert_eq!(server.post(dear.to_string()).send().await.code(), "");
    assert_eq!(server.post(json!([dear, dear]).to_string()).send().await.code(), "COST_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_browser_gets_a_page_which_runs_only_our_own_scripts() {
    let server = Server::start().await;
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = Call::get(server.addr, "/graphql").header("accept", accept).send().await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(
        page.header("content-security-policy").unwrap().starts_with("default-src 'none'; script-src 'self';")
    );
    assert!(
        !page.text.contains("<script>") && !page.text.contains("//"),
        "nothing inline, nothing from elsewhere"
    );
    // GraphiQL when it was bundled, the console otherwise.
    let folder = if page.text.contains("/graphql/assets/") { "/graphql/assets/" } else { "/graphql/console" };
    let named: Vec<_> = page.text.split(folder).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(named.len(), 2, "a script and a style: {}", page.text);
    for name in named {
        let asset = Call::get(server.addr, &format!("{folder}{name}")).send().await;
        let content_type = asset.header("content-type").unwrap_or_default();
        let is_right = if name.ends_with("js") { "text/javascript" } else { "text/css" };
        assert!(asset.status == 200 && content_type.starts_with(is_right), "{name}: {content_type}");
        if let Some(tag) = asset.header("etag") {
            assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
            let again = Call::get(server.addr, &format!("{folder}{name}")).header("if-none-match", tag);
            assert_eq!(again.send().await.status, 304, "{name}");
        }
    }
    for console in ["/graphql/console.js", "/graphql/console.css"] {
        assert_eq!(Call::get(server.addr, console).send().await.status, 200);
    }
    let missing = Call::get(server.addr, "/graphql/assets/nothing.js").send().await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "NOT_FOUND"));
    let missing = Call::get(server.addr, "/nothing").send().await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "NOT_FOUND"));
}
