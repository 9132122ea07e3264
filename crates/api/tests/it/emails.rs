//! Emails as an account's people see them.

use domain::team::{Permission as P, Role};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

use crate::partners::{id, partner, program};

const ALL: &str = "query ($first: Int! = 25, $after: String, $filter: EmailMessageFilter) {
    emailMessages(first: $first, after: $after, filter: $filter) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id template recipientId recipient subjectId status attempts lastError sentAt createdAt updatedAt } } }";
const PREVIEWS: &str = "{ emailMessages { nodes { recipient preview { subject text html } } } }";
const ONE: &str = "query ($id: ID!) { emailMessage(id: $id) { template recipient preview { subject } } }";

/// An account with a program, and so many partners who were welcomed by email.
async fn welcomed(count: usize) -> TestApp {
    let app = TestApp::start().await;
    let program = program(&app, "Acme").await;
    for number in 0..count {
        partner(&app, program, &format!("Jane{number}"), true).await;
    }
    app.run_jobs().await;
    app
}

async fn nodes(actor: &Actor, query: &str, variables: Value) -> Vec<Value> {
    let answer = actor.gql(query, variables).await.ok();
    answer["emailMessages"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_owner_sees_what_was_sent() {
    let app = welcomed(1).await;
    let seen = app.owner().gql(ALL, json!({})).await.ok();
    assert_json_snapshot!(seen["emailMessages"]["nodes"][0], {
        ".id" => id("eml"), ".recipientId" => id("prt"), ".subjectId" => id("prt")
    }, @r#"
    {
      "attempts": 1,
      "createdAt": "2026-03-02T09:00:00+00:00",
      "id": "[eml]",
      "lastError": null,
      "recipient": "jane0@mail.example",
      "recipientId": "[prt]",
      "sentAt": "2026-03-02T09:00:00+00:00",
      "status": "SENT",
      "subjectId": "[prt]",
      "template": "PARTNER_APPROVED",
      "updatedAt": "2026-03-02T09:00:00+00:00"
    }
    "#);
    assert_eq!(seen["emailMessages"]["totalCount"], 1);
    let preview = nodes(&app.owner(), PREVIEWS, json!({})).await[0]["preview"].clone();
    assert_eq!(preview["subject"], app.emails()[0].subject.as_str());
    assert!(preview["text"].as_str().unwrap().contains("Hello Jane0,"), "{preview}");
    assert!(preview["html"].as_str().unwrap().contains("Hello Jane0,"), "{preview}");
    let one = app.owner().gql(ONE, json!({ "id": seen["emailMessages"]["nodes"][0]["id"] })).await.ok();
    assert_eq!(one["emailMessage"]["recipient"], "jane0@mail.example");
    assert_eq!(one["emailMessage"]["preview"]["subject"], preview["subject"]);
}

#[tokio::test]
async fn people_are_hidden_from_those_who_may_not_see_them() {
    let app = welcomed(1).await;
    let reader = app.api_key(&[P::AuditRead], &[]).await;
    assert_eq!(nodes(&reader, ALL, json!({})).await[0]["recipient"], "j•••@mail.example");
    assert_eq!(reader.gql(PREVIEWS, json!({})).await.code(), "FORBIDDEN", "a preview names people");
    assert_eq!(app.nobody().gql(ALL, json!({})).await.code(), "UNAUTHENTICATED");
    for other in [app.api_key(&[P::PartnersRead, P::PartnersPii], &[]).await, app.member(Role::Viewer).await]
    {
        assert_eq!(other.gql(ALL, json!({})).await.code(), "FORBIDDEN");
    }
}

#[tokio::test]
async fn emails_of_others_do_not_exist() {
    let app = welcomed(1).await;
    let email = nodes(&app.owner(), ALL, json!({})).await[0]["id"].clone();
    let outsider = app.outsider().await;
    assert_eq!(outsider.gql(ALL, json!({})).await.ok()["emailMessages"]["totalCount"], 0);
    assert_eq!(outsider.gql(ONE, json!({ "id": email })).await.ok()["emailMessage"], Value::Null);
    let registered = app
        .nobody()
        .gql(
            "mutation ($input: RegisterInput!) { userRegister(input: $input) { userErrors { code } } }",
            json!({ "input": { "email": "bob@mail.example", "password": "correct horse battery",
                "accountName": "Bob Inc" } }),
        )
        .await;
    registered.ok();
    app.run_jobs().await;
    assert_eq!(app.emails().len(), 2);
    assert_eq!(nodes(&app.owner(), ALL, json!({})).await.len(), 1, "log-ins are no account's");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = welcomed(3).await;
    let owner = app.owner();
    let first = owner.gql(ALL, json!({ "first": 2 })).await.ok();
    assert_eq!(first["emailMessages"]["pageInfo"]["hasNextPage"], true);
    let after = first["emailMessages"]["pageInfo"]["endCursor"].clone();
    assert_eq!(nodes(&owner, ALL, json!({ "first": 2, "after": after })).await.len(), 1);
    for (filter, count) in [
        (json!({ "status": ["SENT"] }), 3),
        (json!({ "status": ["QUEUED", "FAILED", "BOUNCED", "DROPPED"] }), 0),
        (json!({ "template": ["PARTNER_APPROVED"], "status": ["SENT"] }), 3),
        (json!({ "template": ["SALE_RECORDED"] }), 0),
    ] {
        assert_eq!(nodes(&owner, ALL, json!({ "filter": filter })).await.len(), count, "{filter}");
    }
    assert_eq!(owner.gql(ALL, json!({ "after": "nonsense" })).await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_page_with_previews_is_a_handful_of_statements() {
    let app = welcomed(10).await;
    let owner = app.owner();
    let (few, one) = app
        .count_statements(nodes(
            &owner,
            "{ emailMessages(first: 1) { nodes { recipient preview { subject } } } }",
            json!({}),
        ))
        .await;
    let (many, ten) = app.count_statements(nodes(&owner, PREVIEWS, json!({}))).await;
    assert_eq!((few.len(), many.len()), (1, 10));
    assert_eq!(one.len(), ten.len(), "not one more for nine more emails: {ten:#?}");
    assert!(ten.len() <= 6, "{ten:#?}");
}
