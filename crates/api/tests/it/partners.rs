//! Partners as an account's people and machines meet them.

use domain::team::{Permission as P, Role};
use ids::{PartnerId, ProgramId};
use insta::{assert_json_snapshot, dynamic_redaction, internals::Redaction};
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

const CREATE: &str = "mutation ($input: PartnerCreateInput!) { partnerCreate(input: $input) {
    partner { id key status statusReason name email country tags viewerCan createdAt updatedAt
        program { id name } links { totalCount nodes { slug } } }
    userErrors { field code message details } } }";
const APPLY: &str = "mutation ($input: PartnerApplyInput!) { partnerApply(input: $input) {
    partner { id status viewerCan } userErrors { field code message details } } }";
const UPDATE: &str =
    "mutation ($id: ID!, $input: PartnerUpdateInput!) { partnerUpdate(id: $id, input: $input) {
    partner { name email country tags } userErrors { field code message details } } }";
const APPROVE: &str = "mutation ($id: ID!) { partnerApprove(id: $id) {
    partner { status viewerCan } userErrors { field code message details } } }";
const REINSTATE: &str = "mutation ($id: ID!) { partnerReinstate(id: $id) {
    partner { status } userErrors { field code message details } } }";
const REJECT: &str = "mutation ($id: ID!, $reason: String!) { partnerReject(id: $id, reason: $reason) {
    partner { status statusReason } userErrors { field code message details } } }";
const SUSPEND: &str = "mutation ($id: ID!, $reason: String!) { partnerSuspend(id: $id, reason: $reason) {
    partner { status statusReason viewerCan } userErrors { field code message details } } }";
const ALL: &str =
    "{ partners { totalCount nodes { id key status statusReason name email country tags updatedAt } } }";

/// Says that the value is an id of this kind, and hides it.
pub fn id(prefix: &'static str) -> Redaction {
    dynamic_redaction(move |value, _| {
        let id = value.as_str().expect("an id is a string");
        assert!(id.starts_with(&format!("{prefix}_")) && id.len() == prefix.len() + 27, "{id}");
        format!("[{prefix}]")
    })
}

/// Says that the value is a random key, and hides it.
fn random_key() -> Redaction {
    dynamic_redaction(|value, _| {
        assert_eq!(value.as_str().map(str::len), Some(8), "{value:?}");
        "[key]"
    })
}

/// A program of the owner, with a website.
pub async fn program(app: &TestApp, name: &str) -> ProgramId {
    let create = "mutation ($input: ProgramCreateInput!) { programCreate(input: $input) {
        program { id } userErrors { code } } }";
    let input = json!({ "name": name, "currency": "USD", "website": "https://shop.example" });
    let made = app.owner().gql(create, json!({ "input": input })).await.ok();
    made["programCreate"]["program"]["id"].as_str().unwrap().parse().unwrap()
}

/// A partner of the program, approved or pending.
pub async fn partner(app: &TestApp, program: ProgramId, name: &str, approved: bool) -> PartnerId {
    let email = format!("{}@mail.example", name.to_lowercase());
    let input =
        json!({ "programId": program, "name": name, "email": email, "key": name, "approved": approved });
    let made = app.owner().gql(CREATE, json!({ "input": input })).await.ok();
    made["partnerCreate"]["partner"]["id"].as_str().unwrap().parse().unwrap()
}

/// The codes of what came back, of the whole field or of the input.
fn codes(answer: &test_support::Answer) -> Vec<String> {
    let mut codes: Vec<String> = answer.user_error_codes().into_iter().map(str::to_owned).collect();
    codes.extend((!answer.errors.is_empty()).then(|| answer.code().to_owned()));
    codes
}

/// Tries a mutation as nobody, as an outsider, as a member and as a key without the right, each of whom changes nothing
/// that `seen` shows to the owner; and at last as the owner, who succeeds.
pub async fn four_actors(app: &TestApp, mutation: &str, variables: Value, seen: &str) -> Value {
    let before = app.owner().gql(seen, json!({})).await.ok();
    let denied: [(Actor, &str); 4] = [
        (app.nobody(), "UNAUTHENTICATED"),
        (app.outsider().await, "NOT_FOUND"),
        (app.member(Role::Viewer).await, "FORBIDDEN"),
        (app.api_key(&[P::PartnersRead, P::ProgramsWrite], &[]).await, "FORBIDDEN"),
    ];
    for (actor, code) in denied {
        let answer = actor.gql(mutation, variables.clone()).await;
        assert_eq!(codes(&answer), [code], "{mutation}");
        assert_eq!(app.owner().gql(seen, json!({})).await.ok(), before, "{code}: {mutation}");
    }
    app.owner().gql(mutation, variables).await.ok()
}

#[tokio::test]
async fn an_owner_takes_in_a_partner() {
    let app = TestApp::start().await;
    let program = program(&app, "Acme").await;
    let input = json!({ "programId": program, "name": "Jane Doe", "email": "jane@mail.example",
        "country": "de", "tags": ["vip", "b2b"] });
    let made = four_actors(&app, CREATE, json!({ "input": input }), ALL).await;
    assert_json_snapshot!(made["partnerCreate"]["partner"], {
        ".id" => id("prt"), ".key" => random_key(), ".program.id" => id("prg")
    }, @r#"
    {
      "country": "DE",
      "createdAt": "2026-03-02T09:00:00+00:00",
      "email": "jane@mail.example",
      "id": "[prt]",
      "key": "[key]",
      "links": {
        "nodes": [],
        "totalCount": 0
      },
      "name": "Jane Doe",
      "program": {
        "id": "[prg]",
        "name": "Acme"
      },
      "status": "APPROVED",
      "statusReason": null,
      "tags": [
        "b2b",
        "vip"
      ],
      "updatedAt": "2026-03-02T09:00:00+00:00",
      "viewerCan": [
        "SUSPEND"
      ]
    }
    "#);
    app.run_jobs().await;
}

#[tokio::test]
async fn an_application_is_decided() {
    let app = TestApp::start().await;
    let program = program(&app, "Acme").await;
    let input = json!({ "programId": program, "name": "Jane Doe", "email": "jane@mail.example" });
    let made = four_actors(&app, APPLY, json!({ "input": input }), ALL).await;
    assert_json_snapshot!(made["partnerApply"]["partner"], { ".id" => id("prt") }, @r#"
    {
      "id": "[prt]",
      "status": "PENDING",
      "viewerCan": [
        "APPROVE",
        "REJECT"
      ]
    }
    "#);
    let jane = made["partnerApply"]["partner"]["id"].clone();
    for (mutation, variables, status) in [
        (REJECT, json!({ "id": jane, "reason": "No site." }), "REJECTED"),
        (APPROVE, json!({ "id": jane }), "APPROVED"),
        (SUSPEND, json!({ "id": jane, "reason": "Spam." }), "SUSPENDED"),
        (REINSTATE, json!({ "id": jane }), "APPROVED"),
    ] {
        let done = four_actors(&app, mutation, variables, ALL).await;
        let payload = done.as_object().unwrap().values().next().unwrap();
        assert_eq!(payload["partner"]["status"], status);
    }
    let changes = json!({ "id": jane, "input": { "name": "Jane Roe", "email": "roe@mail.example",
        "country": "FR", "tags": ["vip"] } });
    let done = four_actors(&app, UPDATE, changes, ALL).await;
    assert_json_snapshot!(done["partnerUpdate"]["partner"], @r#"
    {
      "country": "FR",
      "email": "roe@mail.example",
      "name": "Jane Roe",
      "tags": [
        "vip"
      ]
    }
    "#);
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let app = TestApp::start().await;
    let (acme, other) = (program(&app, "Acme").await, program(&app, "Other").await);
    let (jane, bob) = (partner(&app, acme, "Jane", true).await, partner(&app, acme, "Bob", false).await);
    partner(&app, other, "Jane", true).await;
    let limited = app.api_key(&[P::PartnersRead, P::PartnersWrite], &[acme]).await;
    let owner = app.owner();
    let new = |more: Value| {
        let mut input = json!({ "programId": acme, "name": "Eve", "email": "eve@mail.example" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "input": input })
    };
    let mut said = Vec::new();
    for (actor, mutation, variables) in [
        (&owner, CREATE, new(json!({ "name": " ", "email": "x", "key": "a b", "country": "Germany" }))),
        (&owner, CREATE, new(json!({ "email": "JANE@mail.example" }))),
        (&owner, CREATE, new(json!({ "key": "JANE" }))),
        (&limited, CREATE, new(json!({ "programId": other }))),
        (&owner, UPDATE, json!({ "id": bob, "input": { "email": "Jane@mail.example" } })),
        (&limited, UPDATE, json!({ "id": jane, "input": { "name": "Mallory" } })),
        (&owner, SUSPEND, json!({ "id": jane, "reason": " " })),
        (&owner, SUSPEND, json!({ "id": bob, "reason": "Spam." })),
    ] {
        let answer = actor.gql(mutation, variables).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let payload = answer.data.as_object().unwrap().values().next().unwrap().clone();
        assert_eq!(payload["partner"], Value::Null);
        for error in payload["userErrors"].as_array().unwrap() {
            let field = error["field"].as_array().into_iter().flatten().map(|part| part.as_str().unwrap());
            let field = field.collect::<Vec<_>>().join(".");
            let (code, details) = (error["code"].as_str().unwrap(), &error["details"]);
            said.push(format!("{field}: {code} {} {details}", error["message"].as_str().unwrap()));
        }
    }
    assert_json_snapshot!(said, @r#"
    [
      "input.email: INVALID This is not a valid value. null",
      "input.name: REQUIRED This must be given. null",
      "input.country: INVALID This is not a valid value. null",
      "input.key: INVALID This is not a valid value. null",
      "input.email: TAKEN The person of this address is a partner of this program already. null",
      "input.key: TAKEN Another partner of this program has this key. null",
      "input.programId: NOT_FOUND There is no such program. null",
      "input.email: TAKEN Another person of this account has this address. null",
      "input: FORBIDDEN This person is also a partner of programs beyond your reach, and would change there too. null",
      "reason: REQUIRED A reason must be given. null",
      ": WRONG_STATE The partner is PENDING, which does not allow this. {\"current\":\"PENDING\"}"
    ]
    "#);
    app.sql("UPDATE programs SET status = 'ARCHIVED'").await;
    assert_eq!(owner.gql(CREATE, new(json!({}))).await.user_error_codes(), ["WRONG_STATE"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn an_address_is_for_those_who_may_see_it() {
    let app = TestApp::start().await;
    let program = program(&app, "Acme").await;
    let jane = partner(&app, program, "Jane", true).await;
    let viewer = app.member(Role::Viewer).await;
    let one = "query ($id: ID!) { partner(id: $id) { name email viewerCan } }";
    let answer = viewer.gql(one, json!({ "id": jane })).await;
    let partner = &answer.data["partner"];
    assert_eq!((&partner["name"], &partner["viewerCan"]), (&json!("Jane"), &json!([])));
    assert_eq!(partner["email"], Value::Null);
    assert_eq!(codes(&answer), ["FORBIDDEN"]);
    let seen = app.owner().gql(one, json!({ "id": jane })).await.ok();
    assert_eq!(seen["partner"]["email"], "jane@mail.example");
    assert_eq!(seen["partner"]["viewerCan"], json!(["SUSPEND"]));
    let search = "query ($search: String) { partners(filter: { search: $search }) { totalCount } }";
    for (actor, text, count) in
        [(&viewer, "mail.example", 0), (&viewer, "JAN", 1), (&app.owner(), "Mail.Example", 1)]
    {
        let found = actor.gql(search, json!({ "search": text })).await.ok();
        assert_eq!(found["partners"]["totalCount"], count, "{text}");
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn partners_are_found_listed_and_out_of_reach() {
    let app = TestApp::start().await;
    let (acme, other) = (program(&app, "Acme").await, program(&app, "Other").await);
    let jane = partner(&app, acme, "Jane", true).await;
    for name in ["Ann", "Bob", "Eve"] {
        partner(&app, other, name, name != "Eve").await;
    }
    let doors = "query ($id: ID!, $program: ID!) { partner(id: $id) { id }
        partnerByKey(programId: $program, key: \"JANE\") { id } node(id: $id) { id }
        partners(filter: { programIds: [$program] }) { nodes { key } } }";
    let variables = json!({ "id": jane, "program": acme });
    let found = app.owner().gql(doors, variables.clone()).await.ok();
    assert_eq!((&found["partner"]["id"], &found["partnerByKey"]["id"]), (&json!(jane), &json!(jane)));
    assert_eq!((&found["node"]["id"], &found["partners"]["nodes"][0]["key"]), (&json!(jane), &json!("jane")));
    let limited = app.api_key(&[P::PartnersRead], &[other]).await;
    let nothing = json!({ "partner": null, "partnerByKey": null, "node": null, "partners": { "nodes": [] } });
    for actor in [app.outsider().await, limited] {
        assert_eq!(actor.gql(doors, variables.clone()).await.ok(), nothing);
    }
    assert_eq!(codes(&app.nobody().gql(ALL, json!({})).await), ["UNAUTHENTICATED"]);

    let pages = "query ($after: String) { partners(first: 2, after: $after, filter: { status: [APPROVED] }) {
        totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
    let first = app.owner().gql(pages, json!({})).await.ok()["partners"].clone();
    assert_eq!(first["nodes"], json!([{ "key": "bob" }, { "key": "ann" }]));
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let after = json!({ "after": first["pageInfo"]["endCursor"] });
    let second = app.owner().gql(pages, after).await.ok()["partners"].clone();
    assert_eq!(second["nodes"], json!([{ "key": "jane" }]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    app.run_jobs().await;
}
