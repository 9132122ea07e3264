//! What is decided about requested payouts, and what is refused.

use domain::team::{Permission as P, Role};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::TestApp;

use super::till::{REQUEST, Till, euro, give, refusals, text};

async fn decide(app: &TestApp, mutation: &str, id: &str) -> Value {
    let query = format!(
        "mutation($id: ID!) {{ it: {mutation} {{ payout {{ status reason viewerCan
            partner {{ balances {{ available {{ amount }} reserved {{ amount }} }} }} }}
            userErrors {{ field code message details }} }} }}"
    );
    let answer = app.owner().gql(&query, json!({ "id": id })).await;
    assert_eq!(answer.code(), "", "{answer:?}");
    answer.data["it"].clone()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn changes_are_asked_for_and_a_payout_is_rejected() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "120").await;
    let payout = till.request(&app, bob, "k").await;
    let mut steps = Vec::new();
    for mutation in [
        "payoutRequestChanges(id: $id, reason: \" \")",
        "payoutRequestChanges(id: $id, reason: \"The invoice names another company\")",
        "payoutResubmit(id: $id)",
        "payoutReject(id: $id, reason: \"Under investigation\")",
        "payoutCancel(id: $id)",
    ] {
        steps.push(decide(&app, mutation, &payout).await);
    }
    assert_json_snapshot!(steps, @r#"
    [
      {
        "payout": null,
        "userErrors": [
          {
            "code": "REQUIRED",
            "details": null,
            "field": [
              "reason"
            ],
            "message": "This must be given."
          }
        ]
      },
      {
        "payout": {
          "partner": {
            "balances": [
              {
                "available": {
                  "amount": "0.00"
                },
                "reserved": {
                  "amount": "120.00"
                }
              }
            ]
          },
          "reason": "The invoice names another company",
          "status": "NEEDS_CHANGES",
          "viewerCan": [
            "REJECT",
            "RESUBMIT",
            "WITHDRAW",
            "CANCEL"
          ]
        },
        "userErrors": []
      },
      {
        "payout": {
          "partner": {
            "balances": [
              {
                "available": {
                  "amount": "0.00"
                },
                "reserved": {
                  "amount": "120.00"
                }
              }
            ]
          },
          "reason": null,
          "status": "REQUESTED",
          "viewerCan": [
            "APPROVE",
            "REJECT",
            "REQUEST_CHANGES",
            "WITHDRAW",
            "CANCEL"
          ]
        },
        "userErrors": []
      },
      {
        "payout": {
          "partner": {
            "balances": [
              {
                "available": {
                  "amount": "120.00"
                },
                "reserved": {
                  "amount": "0.00"
                }
              }
            ]
          },
          "reason": "Under investigation",
          "status": "REJECTED",
          "viewerCan": []
        },
        "userErrors": []
      },
      {
        "payout": null,
        "userErrors": [
          {
            "code": "WRONG_STATE",
            "details": {
              "current": "REJECTED"
            },
            "field": [
              "id"
            ],
            "message": "The payout is REJECTED, which does not allow this."
          }
        ]
      }
    ]
    "#);
    app.run_jobs().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn what_is_not_paid_says_why() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let dan = till.partner_without_method(&app, "dan", "20").await;
    let poor = till.partner(&app, "poor", "1").await;
    let policy = "mutation($id: ID!) { payoutPolicyUpdate(programId: $id, input: { minimum: \"10\" }) {
        payoutPolicy { id } userErrors { code } } }";
    app.owner().gql(policy, json!({ "id": till.program })).await.ok();
    let foreign = give(&app, dan, "7", "foreign").await;
    let nowhere = "fil_01h455vb4pex5vsknk084sn02q";
    let mut told = Vec::new();
    for input in [
        json!({ "partnerId": dan }),
        json!({ "partnerId": poor }),
        json!({ "partnerId": bob, "rewardIds": [foreign] }),
        json!({ "partnerId": bob, "rewardIds": [] }),
        json!({ "partnerId": bob, "invoiceId": nowhere }),
        json!({ "partnerId": "prt_01h455vb4pex5vsknk084sn02q" }),
    ] {
        let answer = app.owner().gql(REQUEST, json!({ "input": input, "key": "k" })).await;
        assert_eq!(answer.code(), "", "{answer:?}");
        told.push(answer.data["payoutRequest"]["userErrors"].clone());
    }
    assert_json_snapshot!(told, { "[2][0].details.rewardIds[0]" => "[reward]" }, @r#"
    [
      [
        {
          "code": "NOT_PAYABLE",
          "details": {
            "reason": "METHOD_MISSING"
          },
          "field": [
            "input"
          ],
          "message": "The partner has no payout method."
        }
      ],
      [
        {
          "code": "BELOW_MINIMUM",
          "details": {
            "available": "1.00",
            "currency": "EUR",
            "minimum": "10.00"
          },
          "field": [
            "input"
          ],
          "message": "1.00 EUR could be paid, and the least that is paid is 10.00 EUR."
        }
      ],
      [
        {
          "code": "NOT_FOUND",
          "details": {
            "rewardIds": [
              "[reward]"
            ]
          },
          "field": [
            "input",
            "rewardIds"
          ],
          "message": "Some of these rewards are not this partner's, or not available."
        }
      ],
      [
        {
          "code": "REQUIRED",
          "details": null,
          "field": [
            "input",
            "rewardIds"
          ],
          "message": "This must be given."
        }
      ],
      [
        {
          "code": "NOT_FOUND",
          "details": null,
          "field": [
            "input",
            "invoiceId"
          ],
          "message": "There is no such file, or it is none that somebody gave."
        }
      ],
      [
        {
          "code": "NOT_FOUND",
          "details": null,
          "field": [
            "input",
            "partnerId"
          ],
          "message": "There is no such partner."
        }
      ]
    ]
    "#);
    let off = "mutation($id: ID!) { payoutPolicyUpdate(partnerId: $id, input: { partnerRequests: false }) {
        payoutPolicy { id } userErrors { code } } }";
    app.owner().gql(off, json!({ "id": bob })).await.ok();
    let off = app.owner().gql(REQUEST, json!({ "input": { "partnerId": bob }, "key": "k" })).await;
    assert_eq!(refusals(&off), ["FORBIDDEN input.partnerId"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn all_are_approved_or_none() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let (bob, eve) = (till.partner(&app, "bob", "20").await, till.partner(&app, "eve", "30").await);
    let (one, two) = (till.request(&app, bob, "1").await, till.request(&app, eve, "2").await);
    let approve = "mutation($ids: [ID!]!) { payoutsApprove(ids: $ids) { payouts { id status } userErrors { field code details } } }";
    let finance = app.member(Role::Finance).await;
    let missing = "pay_01h455vb4pex5vsknk084sn02q";
    let refused = finance.gql(approve, json!({ "ids": [one, missing] })).await;
    assert_eq!(refusals(&refused), ["NOT_FOUND ids.1"]);
    let done = finance.gql(approve, json!({ "ids": [two, one] })).await.ok();
    let mut ids: Vec<String> =
        done["payoutsApprove"]["payouts"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
    ids.sort_unstable();
    assert_eq!(ids, [one.clone(), two]);
    let again = finance.gql(approve, json!({ "ids": [one] })).await;
    assert_eq!(refusals(&again), ["WRONG_STATE ids.0"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn chosen_rewards_alone_are_paid_and_a_policy_approves_them() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "20").await;
    let chosen = give(&app, bob, "7.50", "chosen").await;
    let auto =
        "mutation($id: ID!) { payoutPolicyUpdate(programId: $id, input: { autoApproveRequests: true }) {
        payoutPolicy { id } userErrors { code } } }";
    app.owner().gql(auto, json!({ "id": till.program })).await.ok();
    let input = json!({ "partnerId": bob, "rewardIds": [chosen] });
    let made = app.owner().gql(REQUEST, json!({ "input": input, "key": "k" })).await.ok();
    let payout = &made["payoutRequest"]["payout"];
    assert_eq!((&payout["status"], &payout["amount"]), (&json!("APPROVED"), &euro("7.50")));
    let by = "query($id: ID!) { payout(id: $id) { approvedBy { ... on SystemActor { name } } } }";
    let by = app.owner().gql(by, json!({ "id": payout["id"] })).await.ok();
    assert_eq!(by["payout"]["approvedBy"]["name"], "policy");
    app.run_jobs().await;
}

/// Whoever asks for partners takes back what nobody has approved; what was approved is for those who decide.
#[tokio::test]
async fn a_back_end_takes_its_request_back() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "120").await;
    let back_end = app.api_key(&[P::PartnersWrite], &[]).await;
    let withdraw = "mutation($id: ID!) { payoutWithdraw(id: $id) { payout { status } userErrors { field code details } } }";
    let first = till.request(&app, bob, "k1").await;
    let taken = back_end.gql(withdraw, json!({ "id": first })).await.ok();
    assert_eq!(taken["payoutWithdraw"]["payout"]["status"], "CANCELLED");
    let second = till.request(&app, bob, "k2").await;
    let approve = "mutation($id: ID!) { payoutsApprove(ids: [$id]) { userErrors { code } } }";
    app.owner().gql(approve, json!({ "id": second })).await.ok();
    let late = back_end.gql(withdraw, json!({ "id": second })).await;
    let refused = &late.data["payoutWithdraw"]["userErrors"][0];
    assert_eq!(
        (&refused["code"], &refused["details"]["current"]),
        (&json!("WRONG_STATE"), &json!("APPROVED"))
    );
    let cancel = back_end
        .gql("mutation($id: ID!) { payoutCancel(id: $id) { userErrors { code } } }", json!({ "id": second }))
        .await;
    assert_eq!(cancel.code(), "FORBIDDEN");
    app.run_jobs().await;
}
