//! Terms, as clients meet them.

use domain::team::Role;
use serde_json::json;
use test_support::TestApp;

use crate::shop::{Shop, publish, record, text};

#[tokio::test]
async fn every_problem_of_the_rules_is_named_with_its_path() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let put = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 0, rules: [
        { id: \"a b\", trigger: SALE, value: { type: PERCENT } },
        { id: \"x\", trigger: SALE, value: { type: FIXED, amount: \"5\", percent: \"1\" }, base: GROSS },
        { id: \"x\", trigger: SALE, value: { type: PERCENT, percent: \"1001\" } }
    ] }) { terms { id } userErrors { field code message } } }";
    let answer = app.owner().gql(put, json!({ "id": shop.program })).await.data;
    app.run_jobs().await;
    let line = |error: &serde_json::Value| {
        let path: Vec<_> = error["field"].as_array().unwrap().iter().map(text).collect();
        format!("{} {} {}", text(&error["code"]), path.join("."), text(&error["message"]))
    };
    let errors: Vec<_> = answer["termsDraftPut"]["userErrors"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        errors,
        [
            "INVALID input.rules.0.id This must be 1 to 64 letters, digits, hyphens, underscores or dots.",
            "REQUIRED input.rules.0.value.percent This is missing.",
            "INVALID input.rules.1.value.percent This has no meaning with FIXED.",
            "INVALID input.rules.1.base This has no meaning with FIXED.",
            "INVALID input.rules.2.value.percent This must be a decimal text from \"0\" to \"1000\".",
        ]
    );
}

#[tokio::test]
async fn published_terms_stay_and_the_next_version_counts_on() {
    let app = TestApp::start().await;
    let (owner, shop) = (app.owner(), Shop::open(&app).await);
    let again = "mutation($id: ID!) { termsPublish(id: $id) { terms { id } userErrors { code } } }";
    assert_eq!(owner.gql(again, json!({ "id": shop.terms })).await.user_error_codes(), ["WRONG_STATE"]);
    assert_eq!(
        app.outsider().await.gql(again, json!({ "id": shop.terms })).await.user_error_codes(),
        ["NOT_FOUND"]
    );
    assert_eq!(
        app.member(Role::Viewer).await.gql(again, json!({ "id": shop.terms })).await.code(),
        "FORBIDDEN"
    );
    record(&owner, &shop.program, "one", "ada", "100").await;
    app.run_jobs().await;
    let early = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 0, rules: [] }) { terms { id } } }";
    let draft =
        owner.gql(early, json!({ "id": shop.program })).await.ok()["termsDraftPut"]["terms"]["id"].clone();
    assert_eq!(
        owner.gql(again, json!({ "id": draft })).await.user_error_codes(),
        ["INVALID"],
        "a sale of now is evaluated"
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_sale_earns_under_the_version_of_its_time() {
    let app = TestApp::start().await;
    let (owner, shop) = (app.owner(), Shop::open(&app).await);
    record(&owner, &shop.program, "one", "ada", "100").await;
    app.advance(std::time::Duration::from_secs(60)).await;
    publish(&owner, &shop.program, "10", 0).await;
    record(&owner, &shop.program, "two", "ada", "100").await;
    app.run_jobs().await;
    let versions = "query($id: ID!) { termsVersions(programId: $id) { nodes { number status holdDays rules { sentence } } }
        program(id: $id) { terms { number } termsDraft { number } }
        rewards { nodes { amount { amount } terms { number } } } }";
    let answer = owner.gql(versions, json!({ "id": shop.program })).await.ok();
    assert_eq!(answer["program"], json!({ "terms": { "number": 2 }, "termsDraft": null }));
    let reward =
        |amount: &str, number: i32| json!({ "amount": { "amount": amount }, "terms": { "number": number } });
    assert_eq!(answer["rewards"]["nodes"], json!([reward("10.00", 2), reward("20.00", 1)]));
    insta::assert_json_snapshot!(answer["termsVersions"]["nodes"], @r#"
    [
      {
        "holdDays": 0,
        "number": 2,
        "rules": [
          {
            "sentence": "The partner gets 10 % of the net of each sale."
          }
        ],
        "status": "PUBLISHED"
      },
      {
        "holdDays": 30,
        "number": 1,
        "rules": [
          {
            "sentence": "The partner gets 20 % of the net of each sale."
          }
        ],
        "status": "SUPERSEDED"
      }
    ]
    "#);
}
