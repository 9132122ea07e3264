//! Who may grant what, and what stays true whoever acts at once.

use domain::team::{Permission as P, Role};
use serde_json::json;
use test_support::TestApp;

use crate::team::{ADA, CREATE, LEAVE, MEMBERS, REMOVE, UPDATE, accept, invite, member_id, token};

/// Each role invites to each, and changes a viewer to each: those may who change the team and have all that they grant.
#[tokio::test]
async fn nobody_grants_what_they_lack() {
    let app = TestApp::start().await;
    app.leave_jobs();
    app.member(Role::Viewer).await;
    let vera = member_id(&app, "viewer1@example.com").await;
    for (place, role) in Role::ALL.iter().enumerate() {
        let actor = app.member(*role).await;
        for granted in Role::ALL {
            let id = format!("rol_{}", granted.as_str().to_lowercase());
            let has_all = domain::team::lacking(role.permissions(), granted.permissions()).is_empty();
            let expected = match (role.permissions().contains(&P::TeamWrite), has_all) {
                (false, _) => "no permission",
                (true, false) => "FORBIDDEN",
                (true, true) => "",
            };
            let email = format!("{place}-{granted}@example.org");
            let invite = json!({ "input": { "emails": [email], "roleId": id } });
            for (query, variables) in
                [(CREATE, invite), (UPDATE, json!({ "id": vera, "input": { "roleId": id } }))]
            {
                let answer = actor.gql(query, variables).await;
                let found = match answer.code() {
                    "FORBIDDEN" => "no permission",
                    _ => answer.user_error_codes().first().copied().unwrap_or_default(),
                };
                assert_eq!(found, expected, "{role} grants {granted}: {answer:?}");
            }
            app.owner().gql(UPDATE, json!({ "id": vera, "input": { "roleId": "rol_viewer" } })).await.ok();
        }
    }
}

#[tokio::test]
async fn of_many_who_follow_one_link_at_once_one_becomes_a_member() {
    let app = TestApp::builder().smtp().start().await;
    invite(&app, ADA, "rol_viewer").await;
    let (token, nobody) = (token(&app, ADA), app.nobody());
    let answers = futures_util::future::join_all((0..6).map(|_| accept(&nobody, &token))).await;
    let joined = answers.iter().filter(|answer| answer.data["inviteAccept"]["member"].is_object()).count();
    assert_eq!(joined, 1, "{answers:?}");
    let members = app.owner().gql(MEMBERS, json!({})).await.ok();
    assert_eq!(members["account"]["members"]["nodes"].as_array().unwrap().len(), 2);
    app.run_jobs().await;
}

/// Leaving, demoting and removing at once, by both owners: one is left whoever comes first.
#[tokio::test]
async fn an_account_keeps_an_owner_whatever_they_do_at_once() {
    for round in 0..4 {
        let app = TestApp::start().await;
        let second = app.member(Role::Owner).await;
        let (own, other) =
            (member_id(&app, "owner@example.com").await, member_id(&app, "owner1@example.com").await);
        let owner = app.owner().about(&app.account_id().to_string());
        let demote = json!({ "id": own, "input": { "roleId": "rol_viewer" } });
        let (one, two) = match round % 2 {
            0 => tokio::join!(owner.gql(LEAVE, json!({})), second.gql(LEAVE, json!({}))),
            _ => tokio::join!(owner.gql(REMOVE, json!({ "id": other })), second.gql(UPDATE, demote)),
        };
        let done = [one, two]
            .iter()
            .filter(|answer| answer.errors.is_empty() && answer.user_error_codes().is_empty())
            .count();
        assert_eq!(done, 1, "round {round}");
        let account = app.account_id();
        let owners = domain::team::Member::owners_of(&mut *app.conn().await, &[account]).await.unwrap();
        assert_eq!(owners.len(), 1, "round {round}");
        app.run_jobs().await;
    }
}

/// Who may read the team learns which key sent an invite, and what the key may do only with DEVELOPERS.
#[tokio::test]
async fn keys_are_shown_to_those_who_may_make_them_and_to_themselves() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let sender = app.api_key(&[P::TeamWrite, P::TeamRead, P::ProgramsRead], &[]).await;
    let sent = "{ account { invites { nodes { sentBy { __typename ... on ApiKey { id permissions }
        ... on SystemActor { name } } } } } }";
    let input = json!({ "input": { "emails": [ADA], "roleId": "rol_viewer" } });
    let refused = sender.gql(CREATE, input.clone()).await;
    assert_eq!(refused.user_error_codes(), ["FORBIDDEN"], "a viewer may read more");
    let sender = app.api_key(Role::Admin.permissions(), &[]).await;
    let made = sender.gql(CREATE, input).await;
    assert_eq!(made.user_error_codes(), Vec::<&str>::new());
    for (permissions, expected) in
        [(&[P::TeamRead][..], "SystemActor"), (&[P::TeamRead, P::Developers][..], "ApiKey")]
    {
        let reader = app.api_key(permissions, &[]).await;
        let seen = reader.gql(sent, json!({})).await.ok();
        let by = &seen["account"]["invites"]["nodes"][0]["sentBy"];
        assert_eq!(by["__typename"], expected);
        let named = by["name"].as_str().or(by["id"].as_str()).unwrap();
        assert!(named.starts_with("key_"), "by its id: {named}");
        let own = reader.gql("{ viewer { actor { __typename } } }", json!({})).await.ok();
        assert_eq!(own["viewer"]["actor"]["__typename"], "ApiKey");
    }
}

#[tokio::test]
async fn an_account_that_invites_too_many_is_told_how_many_are_left() {
    let app = TestApp::builder().invites_per_day(2).start().await;
    app.leave_jobs();
    let invited = |emails: &[&str]| json!({ "input": { "emails": emails, "roleId": "rol_viewer" } });
    let query = "mutation($input: InviteCreateInput!) { inviteCreate(input: $input) {
        results { outcome } userErrors { field code message details } } }";
    app.owner().gql(query, invited(&[ADA])).await.ok();
    let answer = app.owner().gql(query, invited(&[ADA, "bob@example.org", "eve@example.org"])).await;
    let expected = json!([{ "field": ["input", "emails"], "code": "LIMIT_EXCEEDED",
        "message": "An account invites at most 2 people within a day here, and this one may still invite 1.",
        "details": { "limit": 2, "left": 1 } }]);
    assert_eq!(answer.data["inviteCreate"], json!({ "results": [], "userErrors": expected }));
    let answer = app.owner().gql(query, invited(&[ADA, "bob@example.org"])).await.ok();
    let expected = json!([{ "outcome": "ALREADY_INVITED" }, { "outcome": "INVITED" }]);
    assert_eq!(answer["inviteCreate"]["results"], expected);
}
