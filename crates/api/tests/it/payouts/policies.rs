//! How payouts are made: said of a program, a group, a partner.

use domain::team::Permission as P;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{Till, refusals, text};

const UPDATE: &str = "mutation($program: ID, $group: ID, $partner: ID, $input: PayoutPolicyInput!) {
    payoutPolicyUpdate(programId: $program, groupId: $group, partnerId: $partner, input: $input) {
        payoutPolicy { methods minimum { amount } maximumPerBatch { amount } cooldownHours fourEyes schedule { kind day }
            program { id } group { name } partner { key } } userErrors { field message code } } }";
const STORED: &str = "query($program: ID!) { program(id: $program) { payoutPolicies { totalCount } } }";
const HOLDS: &str = "query($program: ID!, $group: ID!, $partner: ID!) {
    program(id: $program) { payoutPolicy { ...all } payoutPolicies { totalCount nodes { minimum { amount } group { name } partner { key } } } }
    group(id: $group) { payoutPolicy { ...all } } partner(id: $partner) { payoutPolicy { ...all } } }
    fragment all on PayoutPolicy { methods minimum { amount currency } maximumPerBatch { amount } minimumCustomers partnerRequests
        autoApproveRequests invoiceRequired taxDataRequired cooldownHours feePayer fourEyes payByApi schedule { kind day } }";

async fn update(app: &TestApp, variables: Value) -> test_support::Answer {
    app.owner().gql(UPDATE, variables).await
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn what_is_said_of_fewer_beats_what_is_said_of_more() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    let group =
        "mutation($id: ID!) { groupCreate(input: { programId: $id, name: \"Gold\" }) { group { id } } }";
    let group = app.owner().gql(group, json!({ "id": till.program })).await.ok();
    let group = text(&group["groupCreate"]["group"]["id"]);
    let join = "mutation($id: ID!, $group: ID!) { partnerUpdate(id: $id, input: { groupId: $group }) { userErrors { code } } }";
    app.owner().gql(join, json!({ "id": bob, "group": group })).await.ok();
    let ids = json!({ "program": till.program, "group": group, "partner": bob });
    let defaults = app.owner().gql(HOLDS, ids.clone()).await.ok();
    assert_json_snapshot!(defaults["program"], @r#"
    {
      "payoutPolicies": {
        "nodes": [],
        "totalCount": 0
      },
      "payoutPolicy": {
        "autoApproveRequests": false,
        "cooldownHours": 24,
        "feePayer": "OWNER",
        "fourEyes": false,
        "invoiceRequired": false,
        "maximumPerBatch": null,
        "methods": [
          "PAYPAL",
          "WISE",
          "BANK",
          "STORE_CREDIT",
          "CRYPTO",
          "MANUAL"
        ],
        "minimum": {
          "amount": "0.00",
          "currency": "EUR"
        },
        "minimumCustomers": 0,
        "partnerRequests": true,
        "payByApi": false,
        "schedule": {
          "day": null,
          "kind": "MANUAL"
        },
        "taxDataRequired": false
      }
    }
    "#);
    assert_eq!(defaults["partner"]["payoutPolicy"], defaults["program"]["payoutPolicy"]);
    let of_program = json!({ "minimum": "50", "maximumPerBatch": "1000", "methods": ["BANK", "PAYPAL"], "fourEyes": true,
        "schedule": { "kind": "MONTHLY", "day": 31 } });
    update(&app, json!({ "program": till.program, "input": of_program })).await.ok();
    update(&app, json!({ "group": group, "input": { "minimum": "20", "maximumPerBatch": "0" } })).await.ok();
    let of_partner =
        update(&app, json!({ "partner": bob, "input": { "minimum": "5", "cooldownHours": 0 } })).await.ok();
    assert_json_snapshot!(of_partner["payoutPolicyUpdate"]["payoutPolicy"], { ".program.id" => "[prg]" }, @r#"
    {
      "cooldownHours": 0,
      "fourEyes": null,
      "group": null,
      "maximumPerBatch": null,
      "methods": null,
      "minimum": {
        "amount": "5.00"
      },
      "partner": {
        "key": "bob"
      },
      "program": {
        "id": "[prg]"
      },
      "schedule": null
    }
    "#);
    let holds = app.owner().gql(HOLDS, ids.clone()).await.ok();
    let of = |whose: &str| {
        let policy = &holds[whose]["payoutPolicy"];
        json!([
            policy["minimum"]["amount"],
            policy["maximumPerBatch"]["amount"],
            policy["cooldownHours"],
            policy["fourEyes"]
        ])
    };
    assert_eq!(of("program"), json!(["50.00", "1000.00", 24, true]));
    assert_eq!(of("group"), json!(["20.00", null, 24, true]));
    assert_eq!(of("partner"), json!(["5.00", null, 0, true]));
    assert_eq!(holds["program"]["payoutPolicies"]["totalCount"], 3);
    update(&app, json!({ "partner": bob, "input": { "minimum": null } })).await.ok();
    let holds = app.owner().gql(HOLDS, ids).await.ok();
    assert_eq!(holds["partner"]["payoutPolicy"]["minimum"]["amount"], "20.00", "null takes it away");
    assert_eq!(holds["partner"]["payoutPolicy"]["cooldownHours"], 0, "what is left out stays");
    app.run_jobs().await;
}

#[tokio::test]
async fn what_cannot_be_said_is_refused() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = app.partner(till.program, "bob").await;
    for (variables, told) in [
        (json!({ "input": {} }), "REQUIRED"),
        (json!({ "program": till.program, "partner": bob, "input": {} }), "INVALID"),
        (json!({ "partner": bob, "input": { "fourEyes": true } }), "INVALID input"),
        (json!({ "program": till.program, "input": { "methods": [] } }), "REQUIRED input.methods"),
        (json!({ "program": till.program, "input": { "minimum": "-1" } }), "INVALID input.minimum"),
        (
            json!({ "program": till.program, "input": { "schedule": { "kind": "WEEKLY", "day": 8 } } }),
            "INVALID input.schedule",
        ),
        (json!({ "program": "prg_01h455vb4pex5vsknk084sn02q", "input": {} }), "NOT_FOUND programId"),
        (json!({ "group": "grp_01h455vb4pex5vsknk084sn02q", "input": {} }), "NOT_FOUND groupId"),
    ] {
        assert_eq!(refusals(&update(&app, variables.clone()).await), [told], "{variables}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn who_pays_nobody_does_not_take_the_guards_away() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let rights = [P::ProgramsRead, P::ProgramsWrite, P::PartnersRead, P::PayoutsRead];
    let runs_programs = app.api_key(&rights, &[]).await;
    let of = |input: Value| json!({ "program": till.program, "input": input });
    for guard in [
        json!({ "fourEyes": false }),
        json!({ "fourEyes": null }),
        json!({ "autoApproveRequests": true }),
        json!({ "minimum": "1", "cooldownHours": 0 }),
    ] {
        let refused = runs_programs.gql(UPDATE, of(guard)).await;
        assert_eq!(refusals(&refused), ["FORBIDDEN"]);
    }
    let stored = app.owner().gql(STORED, json!({ "program": till.program })).await.ok();
    assert_eq!(stored["program"]["payoutPolicies"]["totalCount"], 0, "nothing was changed");
    let minimum = runs_programs.gql(UPDATE, of(json!({ "minimum": "1" }))).await;
    assert_eq!(refusals(&minimum), [""; 0]);
    let both = app.api_key(&[&rights[..], &[P::PayoutsApprove]].concat(), &[]).await;
    let changed = both.gql(UPDATE, of(json!({ "fourEyes": true, "cooldownHours": 48 }))).await.ok();
    assert_eq!(changed["payoutPolicyUpdate"]["payoutPolicy"]["cooldownHours"], 48);
    app.run_jobs().await;
}
