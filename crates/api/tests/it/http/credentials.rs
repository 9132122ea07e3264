use serde_json::json;

use super::server::Server;

#[tokio::test]
async fn one_credential_reaches_the_operation_with_the_account() {
    let server = Server::start().await;
    let came = server.query("{came}");
    let session = came.clone().header("cookie", "refero_session=s1").header("x-refero-csrf", "1");
    for (call, expected) in [
        (came.clone(), "Anonymous from 127.0.0.1 for None"),
        (
            came.clone().header("authorization", "Bearer rfo_live_1"),
            "ApiKey(Token(..)) from 127.0.0.1 for None",
        ),
        (
            session.clone().header("x-account-id", "acc_1"),
            "Session(Token(..)) from 127.0.0.1 for Some(\"acc_1\")",
        ),
    ] {
        assert_eq!(call.send().await.json()["data"]["came"], json!(expected));
    }
    let both = session.header("authorization", "Bearer rfo_live_1").send().await;
    assert_eq!((both.status, both.code().as_str()), (400, "BAD_REQUEST"));
}

#[tokio::test]
async fn an_unusable_credential_is_refused_before_anything_runs() {
    let server = Server::start().await;
    for (key, status, code) in [("rfo_test_1", 401, "UNAUTHENTICATED"), ("rfo_down", 503, "OVERLOADED")] {
        let answer = server.query("{hello}").header("authorization", &format!("Bearer {key}")).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        assert_eq!(answer.json().get("data"), None);
    }
    let basic = server.query("{hello}").header("authorization", "Basic dTpw").send().await;
    assert_eq!((basic.status, basic.header("www-authenticate")), (401, Some("Bearer")));
}

#[tokio::test]
async fn a_session_is_used_only_by_pages_of_ours() {
    let server = Server::start().await;
    let session = server.query("mutation{sessionDelete}").header("cookie", "refero_session=s1");
    let ours = session.clone().header("x-refero-csrf", "1");
    for (call, status) in [
        (session, 403),
        (ours.clone(), 200),
        (ours.clone().header("origin", "http://localhost").header("sec-fetch-site", "same-origin"), 200),
        (ours.clone().header("origin", "https://evil.example.com"), 403),
        (ours.clone().header("sec-fetch-site", "cross-site"), 403),
        (ours.header("sec-fetch-site", "same-site"), 403),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.code() == "CSRF", status == 403);
    }
}

#[tokio::test]
async fn a_mutation_may_set_and_clear_the_cookie() {
    let server =
        Server::configured(|config| config.public_url = "https://refero.example.com".parse().unwrap()).await;
    let answer = server.query("mutation{sessionCreate(token: \"abc\")}").send().await;
    let expected = "__Host-refero_session=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure";
    assert_eq!(answer.header("set-cookie"), Some(expected));
    let answer = server.query("mutation{sessionDelete}").send().await;
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-refero_session=; Max-Age=0;"));
    assert_eq!(server.query("{hello}").send().await.header("set-cookie"), None);
    let forged = server.query("mutation{sessionCreate(token: \"a; Domain=evil\")}").send().await;
    assert_eq!(forged.header("set-cookie"), None);
}

#[tokio::test]
async fn forwarded_addresses_are_believed_only_from_trusted_proxies() {
    let call = |server: &Server| server.query("{came}").header("x-forwarded-for", "192.0.2.1, 198.51.100.7");
    let direct = Server::start().await;
    assert_eq!(call(&direct).send().await.json()["data"]["came"], "Anonymous from 127.0.0.1 for None");
    let proxied =
        Server::configured(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    assert_eq!(call(&proxied).send().await.json()["data"]["came"], "Anonymous from 198.51.100.7 for None");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server =
        Server::configured(|config| config.public_url = "https://refero.example.com".parse().unwrap()).await;
    for call in [server.query("{hello}"), server.query("{"), server.query("{}").without("content-type")] {
        let answer = call.send().await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    }
}
