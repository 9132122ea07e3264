use std::sync::atomic::Ordering::SeqCst;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    Desk, Here,
    book::{Quote, Transfer},
    complaint, stranger,
};
use crate::fakes::{
    Fault,
    answer::{Said, json, spoilt},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateQuote {
    source_currency: String,
    target_currency: String,
    target_amount: Option<Box<RawValue>>,
    source_amount: Option<Box<RawValue>>,
    pay_in: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    target_account: u64,
    quote_uuid: String,
    customer_transaction_id: String,
}

/// `POST /v1/accounts`.
pub(super) async fn create_account(
    State(desk): Here,
    headers: HeaderMap,
    Json(account): Json<Value>,
) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let details = &account["details"];
    let Some(recipient) = details["IBAN"].as_str().or(details["email"].as_str()) else {
        return complaint(422, "NOT_VALID", "neither IBAN nor email");
    };
    // As Wise says of people: a full name has two words.
    if !account["accountHolderName"].as_str().unwrap_or_default().trim().contains(' ') {
        return complaint(422, "NOT_VALID", "Please enter the recipients first and last name.");
    }
    let mut pages = desk.book.open();
    let id = 1000 + pages.accounts.len() as u64;
    pages.accounts.insert(id, recipient.to_owned());
    json(200, &json!({ "id": id }))
}

/// `POST /v3/profiles/{profile}/quotes`.
pub(super) async fn create_quote(
    State(desk): Here,
    headers: HeaderMap,
    Json(quote): Json<CreateQuote>,
) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    if quote.pay_in != "BALANCE" {
        return complaint(422, "NOT_VALID", "this fake has balances only");
    }
    // Its fee is not worked out: whose it is can be read in the journal.
    let amount = match (&quote.target_amount, &quote.source_amount) {
        (Some(arrives), None) => arrives.get().to_owned(),
        (None, Some(leaves)) => format!("{} less the fee", leaves.get()),
        _ => return complaint(422, "NOT_VALID", "either sourceAmount or targetAmount"),
    };
    let mut pages = desk.book.open();
    let id = format!("bd244a95-dcf8-4c31-aac8-{:012}", pages.quotes.len() + 1);
    let mut said = json!({
        "id": id, "sourceCurrency": quote.source_currency, "targetCurrency": quote.target_currency,
        "sourceAmount": quote.source_amount, "targetAmount": quote.target_amount,
    });
    if desk.misquotes.load(SeqCst) {
        said["targetAmount"] = json!(1_000_000);
    }
    pages.quotes.insert(id, Quote { amount, currency: quote.target_currency });
    json(200, &said)
}

/// `POST /v3/profiles/{profile}/batch-groups/{id}/transfers`.
pub(super) async fn add(
    State(desk): Here,
    Path(group): Path<String>,
    headers: HeaderMap,
    Json(add): Json<Add>,
) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let fault = desk.step_faults.next();
    let said = match Fault::accepts(fault) {
        true => keep(&desk, &group, add),
        false => json(500, &Value::Null),
    };
    spoilt(fault, &Value::Null).await.unwrap_or(said)
}

/// The same `customerTransactionId` is the same transfer, in whatever group it was made.
fn keep(desk: &Desk, group: &str, add: Add) -> Said {
    let mut pages = desk.book.open();
    let same = |(id, transfer): (&u64, &Transfer)| {
        (transfer.transaction == add.customer_transaction_id).then(|| {
            described(
                *id,
                transfer,
                if transfer.is_funded { "processing" } else { "incoming_payment_waiting" },
            )
        })
    };
    if let Some(first) = pages.transfers.iter().find_map(same) {
        return json(200, &first);
    }
    let Some(recipient) = pages.accounts.get(&add.target_account).cloned() else {
        return complaint(422, "NOT_VALID", "no such recipient");
    };
    let Some(quote) = pages.quotes.get(&add.quote_uuid).cloned() else {
        return complaint(422, "NOT_VALID", "no such quote");
    };
    let id = 5000 + pages.transfers.len() as u64;
    let Some(holder) = pages.groups.get_mut(group).filter(|holder| holder.status == "NEW") else {
        return complaint(409, "INVALID_STATE", "the batch group is closed");
    };
    holder.transfers.push(id);
    holder.version += 5;
    let transaction = add.customer_transaction_id;
    let transfer = Transfer {
        transaction,
        group: group.to_owned(),
        quote,
        recipient,
        is_funded: false,
        is_cancelled: false,
    };
    let said = described(id, &transfer, "incoming_payment_waiting");
    pages.transfers.insert(id, transfer);
    json(200, &said)
}

/// `GET /v1/transfers/{id}`; once funded, a step ahead in its script.
pub(super) async fn show(State(desk): Here, Path(id): Path<u64>, headers: HeaderMap) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let Some(transfer) = desk.book.open().transfers.get(&id).cloned() else {
        return complaint(404, "NOT_FOUND", "no such transfer");
    };
    let status = match (transfer.is_funded, transfer.is_cancelled) {
        (true, _) => desk.journal.next_state(&transfer.transaction, "outgoing_payment_sent").status,
        (false, true) => "cancelled".to_owned(),
        (false, false) => "incoming_payment_waiting".to_owned(),
    };
    json(200, &described(id, &transfer, &status))
}

fn described(id: u64, transfer: &Transfer, status: &str) -> Value {
    json!({ "id": id, "status": status, "customerTransactionId": transfer.transaction })
}
