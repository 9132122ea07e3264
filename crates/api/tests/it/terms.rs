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

/// One rule of each trigger, every field said.
#[tokio::test]
async fn rules_of_every_structure_are_answered_as_they_were_written() {
    let app = TestApp::start().await;
    let (owner, shop) = (app.owner(), Shop::open(&app).await);
    let percent = |percent: &str| json!({ "type": "PERCENT", "percent": percent });
    let points = json!({ "type": "UNITS", "unit": "points", "amount": "3", "per": "UNIT" });
    let conditions = json!([
        { "field": "LINE_PRODUCT_TYPE", "op": "NOT_IN", "values": ["seat"] },
        { "field": "SALE_AMOUNT", "op": "GTE", "amount": "75.50" },
        { "field": "SALE_AT", "op": "LT", "at": "2026-12-24T00:00:00Z" },
    ]);
    let input = json!({ "holdDays": 7, "rules": [
        { "id": "sale", "trigger": "SALE", "priority": 2, "stacking": "ADD", "value": percent("12.5"), "base": "GROSS",
          "duration": { "type": "MONTHS", "n": 12, "from": "FIRST_SALE" }, "startAfter": 1, "endAfter": 9,
          "conditions": conditions, "reversal": "WHOLE", "review": true,
          "tiers": { "metric": "SALES", "period": "MONTH", "steps": [{ "from": "3", "value": percent("20") },
            { "from": "10", "value": points }] },
          "caps": { "perTransaction": "50", "perCustomer": "80", "perPartner": { "amount": "150", "period": "WEEK" } } },
        { "id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 2, "of": "REWARD", "value": percent("10") },
        { "id": "friend", "trigger": "SIGNUP", "beneficiary": "REFERRED",
          "value": { "type": "FIXED", "amount": "5" } },
        { "id": "steps", "trigger": "MILESTONE", "value": { "type": "UNITS", "unit": "months", "amount": "1" },
          "milestone": { "metric": "REVENUE", "at": ["500", "1000.5"] } },
    ] });
    let put = "mutation($id: ID!, $input: TermsInput!) { termsDraftPut(programId: $id, input: $input) {
        userErrors { field message }
        terms { rules { id trigger beneficiary level priority stacking base of startAfter endAfter reversal review sentence
            value { ...V } duration { type n from } conditions { field op values amount at }
            tiers { metric period steps { from value { ...V } } }
            caps { perTransaction perCustomer perPartner { amount period } } milestone { metric at every } } } } }
        fragment V on RewardValue { type percent amount per unit }";
    let answer = owner.gql(put, json!({ "id": shop.program, "input": input })).await.ok();
    app.run_jobs().await;
    let answered = answer["termsDraftPut"]["terms"]["rules"].as_array().unwrap();
    let sentences: Vec<_> = answered.iter().map(|rule| text(&rule["sentence"])).collect();
    insta::assert_json_snapshot!(sentences, @r#"
    [
      "The partner gets 12.5 % of the gross of each sale, for 12 months from the customer's first sale that still counts, from the customer's 2nd to their 9th sale, only for lines whose product type is not \"seat\", if its net is at least 75.5 in the sale's currency and it is before 2026-12-24T00:00:00Z, on top of the other rules. From 3 sales of the partner in the same month on it is 20 % of the gross, from 10 on 3 points for each unit. At most 50 of the reward's currency or unit for one sale, 80 of the reward's currency or unit for one customer and 150 of the reward's currency or unit in a week. A partial refund takes nothing back. Its priority is 2. A person decides about each of its rewards.",
      "The partner 2 levels up gets 10 % of what the partner gets for each sale.",
      "The customer gets 5.00 USD for each sign-up.",
      "The partner gets 1 months for reaching 500 and 1000.5 USD of revenue, once each."
    ]
    "#);
    for (written, answered) in input["rules"].as_array().unwrap().iter().zip(answered) {
        assert_said(written, answered, "rule");
    }
}

/// What was written is answered, field for field; what was not may have a default.
fn assert_said(written: &serde_json::Value, answered: &serde_json::Value, path: &str) {
    match (written, answered) {
        (serde_json::Value::Object(fields), _) => {
            for (name, value) in fields {
                assert_said(value, &answered[name], &format!("{path}.{name}"));
            }
        }
        (serde_json::Value::Array(list), serde_json::Value::Array(others)) => {
            assert_eq!(list.len(), others.len(), "{path}");
            list.iter().zip(others).for_each(|(value, other)| assert_said(value, other, path));
        }
        _ => {
            let plain = |json: &serde_json::Value| match json.as_str() {
                Some(text) if text.contains('.') => text.trim_end_matches('0').to_owned(),
                Some(text) => text.trim_end_matches("Z").trim_end_matches("+00:00").to_owned(),
                None => json.to_string(),
            };
            assert_eq!(plain(written), plain(answered), "{path}");
        }
    }
}

#[tokio::test]
async fn operands_are_refused_where_they_stand() {
    let app = TestApp::start().await;
    let (owner, shop) = (app.owner(), Shop::open(&app).await);
    let put = "mutation($id: ID!) { termsDraftPut(programId: $id, input: { holdDays: 0, rules: [
        { id: \"a\", trigger: SALE, value: { type: PERCENT, percent: \"1\" }, conditions: [
            { field: PARTNER_TAG, op: IN, amount: \"1\" }, { field: SALE_AMOUNT, op: GTE, values: [\"1\"], amount: \"1\" },
            { field: SALE_AT, op: IN }] }
    ] }) { terms { id } userErrors { field code } } }";
    let answer = owner.gql(put, json!({ "id": shop.program })).await.data;
    app.run_jobs().await;
    let errors = answer["termsDraftPut"]["userErrors"].as_array().unwrap();
    let paths: Vec<_> = errors
        .iter()
        .map(|error| {
            error["field"].as_array().unwrap().iter().skip(3).map(text).collect::<Vec<_>>().join(".")
        })
        .collect();
    assert_eq!(paths, ["conditions.0.values", "conditions.1.amount", "conditions.2.op", "conditions.2.at"]);
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

/// A group's version supersedes the group's alone, and answers what changed.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn overrides_are_versions_of_their_own() {
    let app = TestApp::start().await;
    let (owner, shop) = (app.owner(), Shop::open(&app).await);
    let create =
        "mutation($id: ID!) { groupCreate(input: { programId: $id, name: \"Gold\" }) { group { id } } }";
    let created = owner.gql(create, json!({ "id": shop.program })).await.ok();
    let group = &created["groupCreate"]["group"]["id"];
    let put = "mutation($id: ID!, $group: ID, $partner: ID, $percent: Decimal!) {
        termsDraftPut(programId: $id, groupId: $group, partnerId: $partner, input: { holdDays: 30, rules: [
            { id: \"sale\", trigger: SALE, value: { type: PERCENT, percent: $percent } }] }) {
            terms { id group { name } partner { id } } userErrors { field code } } }";
    let both = json!({ "id": shop.program, "group": group, "partner": shop.partner, "percent": "1" });
    assert_eq!(owner.gql(put, both).await.user_error_codes(), ["INVALID"]);
    let mut versions = vec![json!(shop.terms)];
    for percent in ["25", "40"] {
        let variables = json!({ "id": shop.program, "group": group, "percent": percent });
        let draft = owner.gql(put, variables).await.ok()["termsDraftPut"]["terms"].clone();
        assert_eq!(draft["group"], json!({ "name": "Gold" }));
        let publish = "mutation($id: ID!) { termsPublish(id: $id) { terms { status } userErrors { code } } }";
        owner.gql(publish, json!({ "id": draft["id"] })).await.ok();
        versions.push(draft["id"].clone());
        app.advance(std::time::Duration::from_secs(60)).await;
    }
    let ask = "query($program: ID!, $group: ID!, $from: ID!, $to: ID!) {
        program(id: $program) { terms { number } termsDraft { id } }
        all: termsVersions(programId: $program) { totalCount }
        ofGroup: termsVersions(programId: $program, filter: { groupId: $group }) { nodes { number status } }
        own: termsVersions(programId: $program, filter: { isOverride: false }) { nodes { number status } }
        termsDiff(from: $from, to: $to) { sentences policies { field }
            rules { rule change before after fields { field before after } } } }";
    let variables =
        json!({ "program": shop.program, "group": group, "from": versions[1], "to": versions[2] });
    let answer = owner.gql(ask, variables).await.ok();
    app.run_jobs().await;
    insta::assert_json_snapshot!(answer, @r#"
    {
      "all": {
        "totalCount": 3
      },
      "ofGroup": {
        "nodes": [
          {
            "number": 3,
            "status": "PUBLISHED"
          },
          {
            "number": 2,
            "status": "SUPERSEDED"
          }
        ]
      },
      "own": {
        "nodes": [
          {
            "number": 1,
            "status": "PUBLISHED"
          }
        ]
      },
      "program": {
        "terms": {
          "number": 1
        },
        "termsDraft": null
      },
      "termsDiff": {
        "policies": [],
        "rules": [
          {
            "after": "The partner gets 40 % of the net of each sale.",
            "before": "The partner gets 25 % of the net of each sale.",
            "change": "CHANGED",
            "fields": [
              {
                "after": "{\"percent\":\"40\",\"type\":\"PERCENT\"}",
                "before": "{\"percent\":\"25\",\"type\":\"PERCENT\"}",
                "field": "value"
              }
            ],
            "rule": "sale"
          }
        ],
        "sentences": [
          "Rule sale changes from: The partner gets 25 % of the net of each sale. To: The partner gets 40 % of the net of each sale."
        ]
      }
    }
    "#);
}
