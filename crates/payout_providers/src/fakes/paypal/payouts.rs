use std::sync::atomic::Ordering::SeqCst;

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk, Here,
    batches::{Batch, Create},
    stranger,
};
use crate::fakes::{
    Accepted, Fault,
    answer::{Said, json, spoilt},
};

/// `POST /v1/payments/payouts`.
pub(super) async fn create(State(desk): Here, headers: HeaderMap, body: Bytes) -> Said {
    desk.asked.fetch_add(1, SeqCst);
    if let Some(refused) = stranger(&desk, &headers) {
        return refused;
    }
    let create: Create = match serde_json::from_slice(&body) {
        Ok(create) => create,
        Err(error) => return invalid("body", &error.to_string()),
    };
    if let Some((place, issue)) = complaint(&create) {
        return invalid(&format!("items[{place}].receiver"), issue);
    }
    let fault = desk.faults.next();
    let said = match Fault::accepts(fault) {
        true => accept(&desk, create),
        false => Value::Null,
    };
    let short = json!({ "name": "INSUFFICIENT_FUNDS", "message": "Sender does not have sufficient funds." });
    let status = if said.get("name").is_some() { 400 } else { 201 };
    spoilt(fault, &short).await.unwrap_or_else(|| json(status, &said))
}

/// PayPal checks all items before it accepts any. Nobody at `refused.example` can be paid.
fn complaint(create: &Create) -> Option<(usize, &'static str)> {
    create.items.iter().enumerate().find_map(|(place, item)| {
        let types = ["EMAIL", "PHONE", "PAYPAL_ID", "USER_HANDLE"];
        let issue = match () {
            () if !types.contains(&item.recipient_type.as_str()) => "Recipient type is invalid",
            () if !["PAYPAL", "VENMO"].contains(&item.recipient_wallet.as_str()) => "Wallet is invalid",
            () if item.recipient_type == "EMAIL" && !item.receiver.contains('@') => {
                "Receiver is invalid or does not match with type"
            }
            () if item.receiver.ends_with("@refused.example") => "Receiver cannot be paid",
            () => return None,
        };
        Some((place, issue))
    })
}

fn invalid(field: &str, issue: &str) -> Said {
    let details = json!([{ "field": field, "location": "body", "issue": issue }]);
    let message = "Invalid request - see details";
    json(400, &json!({ "name": "VALIDATION_ERROR", "message": message, "details": details, "links": [] }))
}

fn accept(desk: &Desk, create: Create) -> Value {
    let submission = create.sender_batch_header.sender_batch_id.clone();
    let lines: Vec<Accepted> = create
        .items
        .iter()
        .map(|item| Accepted {
            submission: submission.clone(),
            payment: item.sender_item_id.clone(),
            amount: item.amount.value.clone(),
            currency: item.amount.currency.clone(),
            recipient: item.receiver.clone(),
        })
        .collect();
    match desk.batches.keep(create) {
        Ok(id) => {
            desk.journal.accept(lines);
            let sender = json!({ "sender_batch_id": submission });
            json!({ "batch_header": { "payout_batch_id": id, "batch_status": "PENDING", "sender_batch_header": sender } })
        }
        Err(first) => {
            let link = json!([{ "href": format!("https://api.paypal.com/v1/payments/payouts/{first}"), "rel": "self" }]);
            let issue = "Batch with given sender_batch_id already exists";
            let details =
                json!([{ "field": "SENDER_BATCH_ID", "location": "body", "issue": issue, "link": link }]);
            json!({ "name": "USER_BUSINESS_ERROR", "message": "User business error.", "details": details })
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Page {
    page: usize,
    page_size: usize,
}

/// `GET /v1/payments/payouts/{id}`.
pub(super) async fn show(
    State(desk): Here,
    Path(id): Path<String>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Said {
    if let Some(refused) = stranger(&desk, &headers) {
        return refused;
    }
    let Some(batch) = desk.batches.find(&id) else {
        return json(
            404,
            &json!({ "name": "INVALID_RESOURCE_ID", "message": "Requested resource not found." }),
        );
    };
    let all = batch.create.items.len();
    let most = match desk.page.load(std::sync::atomic::Ordering::SeqCst) {
        0 => page.page_size,
        most => most,
    };
    let pages = all.div_ceil(most);
    let from = page.page.saturating_sub(1) * most;
    let items: Vec<Value> = (from..all.min(from + most)).map(|place| item(&desk, &batch, place)).collect();
    let mut said = json!({ "batch_header": header(&batch), "items": items });
    // As PayPal does, only the first page says how many there are.
    if page.page == 1 {
        said["total_pages"] = pages.into();
        said["total_items"] = all.into();
    }
    json(200, &said)
}

pub(super) fn header(batch: &Batch) -> Value {
    let status = if batch.is_denied { "DENIED" } else { "SUCCESS" };
    let error = json!({ "name": "SENDER_RESTRICTED", "message": "The sender's account is restricted." });
    let errors = batch.is_denied.then_some(error);
    let sender = json!({ "sender_batch_id": batch.create.sender_batch_header.sender_batch_id });
    json!({ "payout_batch_id": batch.id, "batch_status": status, "sender_batch_header": sender, "errors": errors })
}

/// One item, a step ahead in its script.
pub(super) fn item(desk: &Desk, batch: &Batch, place: usize) -> Value {
    let item = &batch.create.items[place];
    let usual = if batch.is_denied { "PENDING" } else { "SUCCESS" };
    let state = desk.journal.next_state(&item.sender_item_id, usual);
    let id = format!("{}ITEM{place}", batch.id);
    let errors =
        state.error.map(|name| json!({ "name": name, "message": format!("{name} it is."), "details": [] }));
    if state.status == "GARBLED" {
        return json!({ "payout_item_id": 7, "payout_item": null });
    }
    if state.status == "ILLEGIBLE" {
        return json!({ "payout_item_id": 7, "payout_item": { "sender_item_id": item.sender_item_id } });
    }
    json!({
        "payout_item_id": id,
        "transaction_id": format!("{id}T"),
        "transaction_status": state.status,
        "payout_item_fee": { "currency": item.amount.currency, "value": "0.25" },
        "payout_batch_id": batch.id,
        "payout_item": {
            "sender_item_id": item.sender_item_id, "receiver": item.receiver,
            "amount": { "currency": item.amount.currency, "value": item.amount.value },
        },
        "errors": errors,
    })
}
