//! Links as an account's people and machines meet them.

use domain::team::Permission as P;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use crate::partners::{four_actors, id, partner, program};

const CREATE: &str = "mutation ($partnerId: ID!, $input: LinkCreateInput!) {
    linkCreate(partnerId: $partnerId, input: $input) {
        link { id slug url destination isDefault status createdAt updatedAt partner { key } }
        userErrors { field code message details } } }";
const UPDATE: &str = "mutation ($id: ID!, $input: LinkUpdateInput!) { linkUpdate(id: $id, input: $input) {
    link { slug url status } userErrors { field code message details } } }";
const ALL: &str = "{ links { totalCount nodes { id slug url status updatedAt partner { id } } } }";

#[tokio::test]
async fn a_partner_gets_links() {
    let app = TestApp::start().await;
    let acme = program(&app, "Acme").await;
    let jane = partner(&app, acme, "Jane", true).await;
    let made = four_actors(&app, CREATE, json!({ "partnerId": jane, "input": {} }), ALL).await;
    assert_json_snapshot!(made["linkCreate"]["link"], { ".id" => id("lnk") }, @r#"
    {
      "createdAt": "2026-03-02T09:00:00+00:00",
      "destination": "https://shop.example",
      "id": "[lnk]",
      "isDefault": true,
      "partner": {
        "key": "jane"
      },
      "slug": "jane",
      "status": "ACTIVE",
      "updatedAt": "2026-03-02T09:00:00+00:00",
      "url": "https://shop.example/?via=jane"
    }
    "#);
    let link = made["linkCreate"]["link"]["id"].clone();
    let changes = json!({ "id": link, "input": { "destination": "https://shop.example/a?b=c#d", "status": "DISABLED" } });
    let done = four_actors(&app, UPDATE, changes, ALL).await;
    assert_json_snapshot!(done["linkUpdate"]["link"], @r#"
    {
      "slug": "jane",
      "status": "DISABLED",
      "url": "https://shop.example/a?b=c&via=jane#d"
    }
    "#);
    app.run_jobs().await;
}

#[tokio::test]
async fn an_address_looks_as_the_program_wants() {
    let app = TestApp::start().await;
    let acme = program(&app, "Acme").await;
    let jane = partner(&app, acme, "Jane", true).await;
    app.owner().gql(CREATE, json!({ "partnerId": jane, "input": {} })).await.ok();
    let style = "mutation ($id: ID!, $input: ProgramUpdateInput!) { programUpdate(id: $id, input: $input) {
        userErrors { code } } }";
    let urls = "query ($id: ID!) { partner(id: $id) { links { nodes { url } } } }";
    for (input, url) in [
        (json!({ "linkParameter": "ref" }), "https://shop.example/?ref=jane"),
        (json!({ "linkStyle": "PATH" }), "https://shop.example/jane"),
    ] {
        app.owner().gql(style, json!({ "id": acme, "input": input })).await.ok();
        // The address needs no right to read programs.
        let reader = app.api_key(&[P::PartnersRead], &[acme]).await;
        let seen = reader.gql(urls, json!({ "id": jane })).await.ok();
        assert_eq!(seen["partner"]["links"]["nodes"], json!([{ "url": url }]));
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let app = TestApp::start().await;
    let (acme, other) = (program(&app, "Acme").await, program(&app, "Other").await);
    let (jane, bob) = (partner(&app, acme, "Jane", true).await, partner(&app, acme, "Bob", true).await);
    let owner = app.owner();
    let limited = app.api_key(&[P::PartnersRead, P::PartnersWrite], &[other]).await;
    let new = |whose, slug: &str| json!({ "partnerId": whose, "input": { "slug": slug } });
    let link = owner.gql(CREATE, new(jane, "jane")).await.ok()["linkCreate"]["link"]["id"].clone();
    let update = json!({ "id": link, "input": { "status": "DISABLED" } });
    let suspend = format!(
        "mutation {{ partnerSuspend(id: \"{bob}\", reason: \"Spam.\") {{ userErrors {{ code }} }} }}"
    );
    owner.gql(&suspend, json!({})).await.ok();
    let nonsense =
        json!({ "partnerId": jane, "input": { "slug": "a/b", "destination": "javascript:alert(1)" } });
    for (actor, mutation, variables, codes) in [
        (&owner, CREATE, new(jane, " JANE "), &["TAKEN"][..]),
        (&owner, CREATE, new(bob, "bob"), &["WRONG_STATE"]),
        (&owner, CREATE, nonsense, &["INVALID", "INVALID"]),
        (&limited, CREATE, new(jane, "other"), &["NOT_FOUND"]),
        (&limited, UPDATE, update, &["NOT_FOUND"]),
    ] {
        assert_eq!(actor.gql(mutation, variables.clone()).await.user_error_codes(), codes, "{variables}");
    }
    app.sql("UPDATE programs SET website = NULL").await;
    assert_eq!(owner.gql(CREATE, new(jane, "x")).await.user_error_codes(), ["REQUIRED"]);
    let doors = "query ($id: ID!, $partner: ID!) { link(id: $id) { id } node(id: $id) { id }
        links(filter: { partnerIds: [$partner] }) { totalCount } }";
    let variables = json!({ "id": link, "partner": jane });
    for (actor, found) in [(owner, true), (limited, false), (app.outsider().await, false)] {
        let seen = actor.gql(doors, variables.clone()).await.ok();
        let there = |door: &serde_json::Value| door["id"] == link;
        assert_eq!((there(&seen["link"]), there(&seen["node"])), (found, found));
        assert_eq!(seen["links"]["totalCount"], i32::from(found));
    }
    app.run_jobs().await;
}

/// However many nodes: one statement for the page, one each for their people, programs and links.
#[tokio::test]
async fn edges_are_loaded_in_batches() {
    let app = TestApp::start().await;
    let acme = program(&app, "Acme").await;
    for number in 0..6 {
        let whose = partner(&app, acme, &format!("p{number}"), true).await;
        for _ in 0..2 {
            app.owner().gql(CREATE, json!({ "partnerId": whose, "input": {} })).await.ok();
        }
    }
    let reader = app.api_key(&[P::PartnersRead, P::PartnersPii, P::ProgramsRead], &[]).await;
    let nested =
        "query ($first: Int!) { partners(first: $first) { nodes { name email country program { name }
        links { totalCount nodes { url partner { name program { name } } } } } } }";
    // The first call of a key also notes that it was used.
    reader.gql(nested, json!({ "first": 1 })).await.ok();
    let mut counts = Vec::new();
    for first in [1, 6] {
        let (answer, statements) = app.count_statements(reader.gql(nested, json!({ "first": first }))).await;
        assert_eq!(answer.ok()["partners"]["nodes"].as_array().unwrap().len(), first);
        counts.push(statements.len());
    }
    assert_eq!(counts[0], counts[1], "more nodes, more statements");
    assert!(counts[1] <= 10, "{} statements", counts[1]);
    let page = "query ($after: String) { partnerByKey(programId: \"PRG\", key: \"p0\") { links(first: 1, after: $after) {
        totalCount nodes { isDefault } pageInfo { hasNextPage endCursor } } } }";
    let page = page.replace("PRG", &acme.to_string());
    let links = |data: Value| data["partnerByKey"]["links"].clone();
    let first = links(reader.gql(&page, json!({})).await.ok());
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let after = json!({ "after": first["pageInfo"]["endCursor"] });
    let second = links(reader.gql(&page, after).await.ok());
    assert_eq!(
        (&first["nodes"], &second["nodes"]),
        (&json!([{ "isDefault": true }]), &json!([{ "isDefault": false }]))
    );
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    // Links of partners of links and so on are as dear as they are many.
    let deep =
        "{ partners { nodes { links { nodes { partner { links { nodes { partner { id } } } } } } } } }";
    assert_eq!(reader.gql(deep, json!({})).await.code(), "COST_LIMIT_EXCEEDED");
    app.run_jobs().await;
}
