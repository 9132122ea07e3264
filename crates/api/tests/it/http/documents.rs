//! Documents that would kill the process or keep it busy: refused before anything runs.

use std::time::{Duration, Instant};

use api::http::limiter::Budget;
use serde_json::json;

use super::server::Server;

async fn survives(query: &str, code: &str) {
    let server = Server::start().await;
    let started = Instant::now();
    let answer = server.query(query).strict().send().await;
    assert_eq!((answer.status, answer.code().as_str()), (400, code), "{}", answer.text);
    assert!(started.elapsed() < Duration::from_secs(10), "took {:?}", started.elapsed());
    assert!(answer.text.len() < 1_000, "the document is not sent back");
    assert_eq!(server.query("{hello}").send().await.status, 200, "the process lives");
}

#[tokio::test]
async fn five_kilobytes_of_open_lists() {
    survives(&format!("{{a(x:{}", "[".repeat(5_000)), "QUERY_TOO_LARGE").await;
}

#[tokio::test]
async fn brackets_of_every_kind() {
    for open in ["{a", "[", "{a:", "{a(x:", "{...on A"] {
        survives(&format!("{{a(x:{}", open.repeat(20_000)), "QUERY_TOO_LARGE").await;
    }
    survives(&format!("query($x:{}", "[".repeat(20_000)), "QUERY_TOO_LARGE").await;
}

#[tokio::test]
async fn fragments_that_double_twenty_four_times() {
    let mut query = String::from("{...F0}");
    for n in 0..24 {
        query += &format!("fragment F{n} on Query{{...F{next} ...F{next}}}", next = n + 1);
    }
    query += "fragment F24 on Query{hello}";
    assert!(query.len() < 1_200);
    survives(&query, "QUERY_TOO_LARGE").await;
}

#[tokio::test]
async fn fragments_that_go_round() {
    survives(
        "{...A} fragment A on Query{again{...B}} fragment B on Query{...A}",
        "GRAPHQL_VALIDATION_FAILED",
    )
    .await;
    survives("{hello} fragment A on Query{...A ...A ...A}", "GRAPHQL_VALIDATION_FAILED").await;
}

#[tokio::test]
async fn too_many_tokens_aliases_roots_levels_or_points() {
    let aliases: String = (0..31).map(|n| format!("a{n}: hello ")).collect();
    let roots: String = (0..11).map(|n| format!("r{n}: hello ")).collect();
    for (query, code) in [
        (format!("{{{}}}", "hello ".repeat(2_000)), "QUERY_TOO_LARGE"),
        (format!("{{again{{{aliases}}}}}"), "QUERY_TOO_LARGE"),
        (format!("{{{roots}}}"), "QUERY_TOO_LARGE"),
        (format!("{}hello{}", "{again".repeat(12) + "{", "}".repeat(13)), "QUERY_TOO_LARGE"),
        ("{items(first: 1000000){nodes}}".to_owned(), "COST_LIMIT_EXCEEDED"),
        ("{hello(times: \"".to_owned(), "GRAPHQL_PARSE_FAILED"),
    ] {
        survives(&query, code).await;
    }
}

#[tokio::test]
async fn names_that_take_long_to_compare_and_errors_without_end() {
    survives(&format!("{{{}}}", "x".repeat(200_000)), "QUERY_TOO_LARGE").await;
    let server = Server::start().await;
    let unknown: String = (0..1_900).map(|n| format!("hellooooooooooooooooooooooooo{n} ")).collect();
    let answer = server.query(&format!("{{again{{{unknown}}}}}")).send().await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 50);
    let value = "y".repeat(200_000);
    let answer = server.query(&format!("{{hello(times: \"{value}\")}}")).send().await;
    assert!(answer.text.len() < 2_000);
}

#[tokio::test]
async fn variables_nested_as_deep_as_json_may_be() {
    let server = Server::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [120, 10_000] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let body = format!(
                "{{\"query\":\"query($v:[Int!]!){{required(values:$v)}}\",\"variables\":{{\"v\":{value}}}}}"
            );
            let answer = server.post(body).strict().send().await;
            assert_eq!(answer.status, 400, "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit() {
    let server = Server::start().await;
    for size in [256 * 1024, 1_000_000, 3_000_000] {
        let answer = server.query(&" ".repeat(size)).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    }
    let body = format!("{{\"query\":\"{{hello}}\",\"variables\":{}", "[".repeat(200_000));
    assert_eq!(server.post(body).send().await.status, 400);
}

#[tokio::test]
async fn what_it_cost_is_told() {
    let budget = Budget { capacity: 20_000, per_second: 0.001 };
    let server = Server::configured(|config| config.per_address = budget).await;
    let query = "query($n: Int){items(first: $n){nodes}}";
    let answer = server.post(json!({"query": query, "variables": {"n": 7}}).to_string()).send().await;
    let cost = &answer.json()["extensions"]["cost"];
    assert_eq!((&cost["operation"], &cost["limit"]), (&json!(8), &json!(10_000)));
    assert_eq!(
        cost["capacity"].as_u64().unwrap() - cost["available"].as_u64().unwrap(),
        9,
        "and one for anonymity"
    );
}

#[tokio::test]
async fn the_introspection_of_tools_passes_unless_it_is_turned_off() {
    let deep = "{kind name ofType".repeat(7) + "{kind}" + &"}".repeat(7);
    let query = format!("{{__schema{{types{{fields{{args{{type{deep}}}}}}}}}}}");
    let server = Server::start().await;
    assert_eq!(server.query(&query).strict().send().await.status, 200);
    let server = Server::configured(|config| config.limits.introspection = false).await;
    for query in ["{__schema{types{name}}}", "{...F} fragment F on Query{__type(name: \"Query\"){name}}"] {
        let answer = server.query(query).strict().send().await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_VALIDATION_FAILED"));
    }
    assert_eq!(server.query("{__typename}").strict().send().await.status, 200);
}
