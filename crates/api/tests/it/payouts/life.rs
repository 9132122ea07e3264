//! From request to paid, by hand.

use domain::team::{Permission as P, Role};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use test_support::{Actor, TestApp};

use super::till::{CREATE_BATCH, EXECUTE, Till, euro, refusals, text};
use crate::partners::id;

const ASK: &str = "mutation($input: PayoutRequestInput!, $key: String!) {
    payoutRequest(input: $input, idempotencyKey: $key) {
        payout { id status amount { amount currency } itemCount byBatch method { kind label } partner { key
            balances { available { amount } reserved { amount } paid { amount } } }
            items { totalCount nodes { kind amount { amount } reward { status reason payout { status } } } }
            requestedBy { __typename } viewerCan batch { id } submission { id } invoice { name } retryOf { id } }
        userErrors { field message code } } }";
const PREVIEW: &str = "query($input: PayoutBatchInput!) { payoutBatchPreview(input: $input) {
    preview { count total { amount } approvedCount approved { partner { key } amount { amount } itemCount }
        madeCount made(first: 1) { partner { key } amount { amount } }
        leftOutCount leftOut { partner { key } reason available { amount } } } userErrors { code } } }";
const BATCH: &str = "query($id: ID!) { payoutBatch(id: $id) { status origin rail fourEyes payoutCount total { amount currency }
    paidCount failedCount cancelledCount viewerCan
    preparedBy { ... on User { email } } approvedBy { ... on User { email } } executedBy { ... on User { email } }
    payouts { totalCount nodes { status partner { key } amount { amount } providerReference viewerCan } }
    submissions { number status payoutCount total { amount } attempts { outcome } } } }";
const MARK_PAID: &str = "mutation($id: ID!) { payoutMarkPaid(id: $id, reference: \"receipt 7\") {
    payout { status providerReference } userErrors { field message code } } }";

async fn ask(actor: &Actor, query: &str, variables: Value) -> Value {
    let answer = actor.gql(query, variables).await.ok();
    answer.as_object().unwrap().values().next().unwrap().clone()
}

#[tokio::test]
async fn a_payout_is_requested_approved_batched_and_paid() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    till.four_eyes(&app).await;
    let (owner, finance) = (app.owner(), app.member(Role::Finance).await);
    let bob = till.partner(&app, "bob", "120").await;
    till.partner(&app, "eve", "30").await;
    till.partner_without_method(&app, "dan", "5").await;
    requested(&app, &finance, json!(bob)).await;
    previewed(&owner, &till).await;
    let batch = till.batch(&app, &owner, "march").await;
    approved(&app, &owner, &finance, &batch).await;
    let wrong = json!({ "id": batch, "total": euro("149.99"), "key": "pay" });
    let refused = finance.gql(EXECUTE, wrong).await;
    assert_eq!(refusals(&refused), ["TOTAL_MISMATCH confirmedTotal"]);
    assert_eq!(
        refused.data["payoutBatchExecute"]["userErrors"][0]["details"],
        json!({ "total": "150.00", "currency": "EUR" })
    );
    let right = json!({ "id": batch, "total": euro("150"), "key": "pay" });
    let executed = ask(&finance, EXECUTE, right.clone()).await;
    assert_eq!(executed["batch"]["status"], "EXECUTING", "{executed}");
    assert_eq!(ask(&finance, EXECUTE, right).await, executed, "the same key, id and total");
    app.run_jobs().await;
    paid(&app, &finance, &batch).await;
    app.run_jobs().await;
}

/// Bob's payout is asked for by the owner's back end, once, and approved by a person.
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn requested(app: &TestApp, finance: &Actor, bob: Value) {
    let backend =
        app.api_key(&[P::PartnersWrite, P::PartnersRead, P::PayoutsRead, P::RewardsRead], &[]).await;
    let said = json!({ "input": { "partnerId": bob }, "key": "bob-1" });
    let requested = backend.gql(ASK, said.clone()).await;
    let made = requested.data["payoutRequest"].clone();
    assert_json_snapshot!(made, { ".payout.id" => id("pay") }, @r#"
    {
      "payout": {
        "amount": {
          "amount": "120.00",
          "currency": "EUR"
        },
        "batch": null,
        "byBatch": false,
        "id": "[pay]",
        "invoice": null,
        "itemCount": 1,
        "items": {
          "nodes": [
            {
              "amount": {
                "amount": "120.00"
              },
              "kind": "REWARD",
              "reward": {
                "payout": {
                  "status": "REQUESTED"
                },
                "reason": "thanks",
                "status": "RESERVED"
              }
            }
          ],
          "totalCount": 1
        },
        "method": {
          "kind": "MANUAL",
          "label": "By hand"
        },
        "partner": {
          "balances": [
            {
              "available": {
                "amount": "0.00"
              },
              "paid": {
                "amount": "0.00"
              },
              "reserved": {
                "amount": "120.00"
              }
            }
          ],
          "key": "bob"
        },
        "requestedBy": {
          "__typename": "ApiKey"
        },
        "retryOf": null,
        "status": "REQUESTED",
        "submission": null,
        "viewerCan": [
          "WITHDRAW"
        ]
      },
      "userErrors": []
    }
    "#);
    let again = backend.gql(ASK, said).await.data["payoutRequest"].clone();
    assert_eq!(again, made, "the same key and words");
    let other = json!({ "input": { "partnerId": bob, "currency": "USD" }, "key": "bob-1" });
    assert_eq!(refusals(&backend.gql(ASK, other).await)[..1], ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
    let approve = "mutation($ids: [ID!]!) { payoutsApprove(ids: $ids) {
        payouts { status viewerCan approvedBy { ... on User { email } } } userErrors { code } } }";
    let approved = ask(finance, approve, json!({ "ids": [made["payout"]["id"]] })).await;
    assert_eq!(approved["payouts"][0]["status"], "APPROVED");
    assert_eq!(approved["payouts"][0]["viewerCan"], json!(["CANCEL"]));
}

async fn previewed(owner: &Actor, till: &Till) {
    let input = json!({ "programId": till.program, "rail": "MANUAL" });
    let preview = ask(owner, PREVIEW, json!({ "input": input })).await;
    assert_json_snapshot!(preview, @r#"
    {
      "preview": {
        "approved": [
          {
            "amount": {
              "amount": "120.00"
            },
            "itemCount": 1,
            "partner": {
              "key": "bob"
            }
          }
        ],
        "approvedCount": 1,
        "count": 2,
        "leftOut": [
          {
            "available": {
              "amount": "5.00"
            },
            "partner": {
              "key": "dan"
            },
            "reason": "METHOD_MISSING"
          }
        ],
        "leftOutCount": 1,
        "made": [
          {
            "amount": {
              "amount": "30.00"
            },
            "partner": {
              "key": "eve"
            }
          }
        ],
        "madeCount": 1,
        "total": {
          "amount": "150.00"
        }
      },
      "userErrors": []
    }
    "#);
}

/// Who prepared the batch does not approve it, and no key of theirs does; finance does.
async fn approved(app: &TestApp, owner: &Actor, finance: &Actor, batch: &str) {
    let approve = "mutation($id: ID!) { payoutBatchApprove(id: $id) { batch { status viewerCan } userErrors { field message code } } }";
    let variables = json!({ "id": batch });
    let seen = ask(owner, BATCH, variables.clone()).await;
    assert_eq!((&seen["status"], &seen["viewerCan"]), (&json!("AWAITING_APPROVAL"), &json!(["CANCEL"])));
    let create =
        "mutation { apiKeyCreate(input: { name: \"k\", permissions: [PAYOUTS_APPROVE, DEVELOPERS] }) {
        secret userErrors { message } } }";
    let key = app.with_key(&text(&ask(owner, create, json!({})).await["secret"]));
    let key_of_key = app.with_key(&text(&ask(&key, create, json!({})).await["secret"]));
    for same in [owner, &key, &key_of_key] {
        assert_eq!(refusals(&same.gql(approve, variables.clone()).await), ["FORBIDDEN id"]);
    }
    assert_eq!(ask(finance, BATCH, variables.clone()).await["viewerCan"], json!(["APPROVE", "CANCEL"]));
    let approved = ask(finance, approve, variables.clone()).await;
    assert_eq!(approved["batch"], json!({ "status": "APPROVED", "viewerCan": ["EXECUTE", "CANCEL"] }));
    assert_eq!(refusals(&finance.gql(approve, variables).await), ["WRONG_STATE"]);
}

/// Each payout is marked, and the batch ends.
#[expect(clippy::too_many_lines, reason = "one story, with the snapshots of its answers")]
async fn paid(app: &TestApp, finance: &Actor, batch: &str) {
    let list = "query($id: ID!) { payouts(filter: { batchIds: [$id], status: [SENDING] }) { nodes { id } } }";
    let sending = ask(finance, list, json!({ "id": batch })).await;
    let sending = sending["nodes"].as_array().unwrap().clone();
    assert_eq!(sending.len(), 2);
    for payout in &sending {
        let said = json!({ "id": payout["id"] });
        let paid = ask(finance, MARK_PAID, said.clone()).await;
        assert_eq!(paid["payout"], json!({ "status": "PAID", "providerReference": "receipt 7" }));
        assert_eq!(ask(finance, MARK_PAID, said).await, paid, "the same again");
    }
    assert_json_snapshot!(ask(finance, BATCH, json!({ "id": batch })).await, @r#"
    {
      "approvedBy": {
        "email": "finance2@example.com"
      },
      "cancelledCount": 0,
      "executedBy": {
        "email": "finance2@example.com"
      },
      "failedCount": 0,
      "fourEyes": true,
      "origin": "MANUAL",
      "paidCount": 2,
      "payoutCount": 2,
      "payouts": {
        "nodes": [
          {
            "amount": {
              "amount": "30.00"
            },
            "partner": {
              "key": "eve"
            },
            "providerReference": "receipt 7",
            "status": "PAID",
            "viewerCan": [
              "MARK_FAILED"
            ]
          },
          {
            "amount": {
              "amount": "120.00"
            },
            "partner": {
              "key": "bob"
            },
            "providerReference": "receipt 7",
            "status": "PAID",
            "viewerCan": [
              "MARK_FAILED"
            ]
          }
        ],
        "totalCount": 2
      },
      "preparedBy": {
        "email": "owner@example.com"
      },
      "rail": "MANUAL",
      "status": "COMPLETED",
      "submissions": [
        {
          "attempts": [],
          "number": 1,
          "payoutCount": 2,
          "status": "DONE",
          "total": {
            "amount": "150.00"
          }
        }
      ],
      "total": {
        "amount": "150.00",
        "currency": "EUR"
      },
      "viewerCan": []
    }
    "#);
    let balances = "{ partners { nodes { key balances { available { amount } reserved { amount } paid { amount } } } } }";
    let partners = ask(&app.owner(), balances, json!({})).await;
    assert_json_snapshot!(partners["nodes"], @r#"
    [
      {
        "balances": [
          {
            "available": {
              "amount": "5.00"
            },
            "paid": {
              "amount": "0.00"
            },
            "reserved": {
              "amount": "0.00"
            }
          }
        ],
        "key": "dan"
      },
      {
        "balances": [
          {
            "available": {
              "amount": "0.00"
            },
            "paid": {
              "amount": "30.00"
            },
            "reserved": {
              "amount": "0.00"
            }
          }
        ],
        "key": "eve"
      },
      {
        "balances": [
          {
            "available": {
              "amount": "0.00"
            },
            "paid": {
              "amount": "120.00"
            },
            "reserved": {
              "amount": "0.00"
            }
          }
        ],
        "key": "bob"
      }
    ]
    "#);
    let trail = "{ auditEntries(first: 100) { nodes { action } } }";
    let trail = ask(&app.owner(), trail, json!({})).await.to_string();
    for action in [
        "payoutRequest",
        "payoutApprove",
        "payoutBatchCreate",
        "payoutBatchApprove",
        "payoutBatchExecute",
        "payoutSettle",
    ] {
        assert!(trail.contains(action), "{action}");
    }
}

#[tokio::test]
async fn managers_and_viewers_see_payouts_and_pay_nobody() {
    let app = TestApp::start().await;
    let till = Till::open(&app).await;
    let bob = till.partner(&app, "bob", "120").await;
    let payout = till.request(&app, bob, "k").await;
    let batch = till.batch(&app, &app.owner(), "b").await;
    for (role, can) in [(Role::Manager, json!(["WITHDRAW"])), (Role::Viewer, json!([]))] {
        let member = app.member(role).await;
        let list =
            "{ payouts { nodes { id status viewerCan } } payoutBatches { totalCount nodes { viewerCan } } }";
        let seen = member.gql(list, json!({})).await.ok();
        assert_eq!(
            seen["payouts"]["nodes"],
            json!([{ "id": payout, "status": "REQUESTED", "viewerCan": can }])
        );
        let new = json!({ "input": { "programId": till.program, "rail": "MANUAL" }, "key": "c" });
        let execute = json!({ "id": batch, "total": euro("1"), "key": "k" });
        for (mutation, variables) in
            [(CREATE_BATCH, new), (EXECUTE, execute), (MARK_PAID, json!({ "id": payout }))]
        {
            assert_eq!(member.gql(mutation, variables).await.code(), "FORBIDDEN", "{role}: {mutation}");
        }
    }
    app.run_jobs().await;
}
