//! Groups and uplines as an account's people and machines meet them.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::partners::{id, partner, program};

const CREATE: &str = "mutation ($input: GroupCreateInput!) { groupCreate(input: $input) {
    group { id name program { name } createdAt updatedAt } userErrors { field code message } } }";
const UPDATE: &str = "mutation ($id: ID!, $input: GroupUpdateInput!) { groupUpdate(id: $id, input: $input) {
    group { name } userErrors { field code message } } }";
const DELETE: &str = "mutation ($id: ID!) { groupDelete(id: $id) {
    group { name } userErrors { field code message } } }";
const MOVE: &str =
    "mutation ($id: ID!, $input: PartnerUpdateInput!) { partnerUpdate(id: $id, input: $input) {
    partner { group { name } upline { name } } userErrors { field code message } } }";

async fn ask(app: &TestApp, query: &str, variables: Value) -> Value {
    let answer = app.owner().gql(query, variables).await;
    assert_eq!(answer.code(), "", "{answer:?}");
    answer.data
}

#[tokio::test]
async fn groups_are_made_renamed_filled_and_deleted() {
    let app = TestApp::start().await;
    let program = program(&app, "Shop").await;
    let jane = partner(&app, program, "jane", true).await;
    let input = json!({ "input": { "programId": program, "name": "Gold" } });
    let gold = ask(&app, CREATE, input.clone()).await;
    let group = gold["groupCreate"]["group"]["id"].clone();
    assert_json_snapshot!(gold, { ".groupCreate.group.id" => id("grp") }, @r#"
    {
      "groupCreate": {
        "group": {
          "createdAt": "2026-03-02T09:00:00+00:00",
          "id": "[grp]",
          "name": "Gold",
          "program": {
            "name": "Shop"
          },
          "updatedAt": "2026-03-02T09:00:00+00:00"
        },
        "userErrors": []
      }
    }
    "#);
    assert_json_snapshot!(ask(&app, CREATE, input).await["groupCreate"], @r#"
    {
      "group": null,
      "userErrors": [
        {
          "code": "TAKEN",
          "field": [
            "input",
            "name"
          ],
          "message": "Another group of this program has this name."
        }
      ]
    }
    "#);
    let renamed = ask(&app, UPDATE, json!({ "id": group, "input": { "name": "Platinum" } })).await;
    assert_eq!(renamed["groupUpdate"]["group"]["name"], "Platinum");
    ask(&app, MOVE, json!({ "id": jane, "input": { "groupId": group } })).await;
    let refused = ask(&app, DELETE, json!({ "id": group })).await;
    assert_eq!(refused["groupDelete"]["userErrors"][0]["code"], "WRONG_STATE", "{refused}");
    let listed = "query ($id: ID!) { program(id: $id) { groups { name } } }";
    assert_eq!(
        ask(&app, listed, json!({ "id": program })).await["program"]["groups"],
        json!([{ "name": "Platinum" }])
    );
    ask(&app, MOVE, json!({ "id": jane, "input": { "groupId": null } })).await;
    let deleted = ask(&app, DELETE, json!({ "id": group })).await;
    assert_eq!(deleted["groupDelete"], json!({ "group": { "name": "Platinum" }, "userErrors": [] }));
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_takes_away() {
    let app = TestApp::start().await;
    let program = program(&app, "Shop").await;
    let (ann, jane) = (partner(&app, program, "ann", true).await, partner(&app, program, "jane", true).await);
    let group = ask(&app, CREATE, json!({ "input": { "programId": program, "name": "Gold" } })).await;
    let group = &group["groupCreate"]["group"]["id"];
    let both = json!({ "group": { "name": "Gold" }, "upline": { "name": "ann" } });
    for (input, partner) in [
        (json!({ "groupId": group, "uplineId": ann }), both.clone()),
        (json!({ "tags": ["vip"] }), both),
        (json!({ "groupId": null }), json!({ "group": null, "upline": { "name": "ann" } })),
        (json!({ "uplineId": null }), json!({ "group": null, "upline": null })),
    ] {
        let moved = ask(&app, MOVE, json!({ "id": jane, "input": input })).await;
        assert_eq!(moved["partnerUpdate"], json!({ "partner": partner, "userErrors": [] }), "{input}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn an_upline_that_cannot_be_is_named() {
    let app = TestApp::start().await;
    let program = program(&app, "Shop").await;
    let jane = partner(&app, program, "jane", true).await;
    let mut refused = Vec::new();
    for input in [
        json!({ "uplineId": jane }),
        json!({ "uplineId": "prt_01h455vb4pex5vsknk084sn02q" }),
        json!({ "groupId": "grp_01h455vb4pex5vsknk084sn02q" }),
    ] {
        refused.push(
            ask(&app, MOVE, json!({ "id": jane, "input": input })).await["partnerUpdate"]["userErrors"][0]
                .clone(),
        );
    }
    assert_json_snapshot!(refused, @r#"
    [
      {
        "code": "INVALID",
        "field": [
          "input",
          "uplineId"
        ],
        "message": "A partner cannot be above itself."
      },
      {
        "code": "NOT_FOUND",
        "field": [
          "input",
          "uplineId"
        ],
        "message": "There is no such partner in the program."
      },
      {
        "code": "NOT_FOUND",
        "field": [
          "input",
          "groupId"
        ],
        "message": "There is no such group in the program."
      }
    ]
    "#);
    app.run_jobs().await;
}
