use std::sync::atomic::Ordering::SeqCst;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Desk, Here,
    book::{Group, Pages},
    complaint, stranger,
};
use crate::fakes::{
    Accepted, Fault,
    answer::{Said, json, spoilt},
};

#[derive(Deserialize)]
pub(super) struct Create {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Update {
    status: String,
    version: i64,
}

/// `POST /v3/profiles/{profile}/batch-groups`.
pub(super) async fn create(State(desk): Here, headers: HeaderMap, Json(create): Json<Create>) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let mut pages = desk.book.open();
    let id = format!("54a6bc09-cef9-49a8-9041-{:012}", pages.groups.len() + 1);
    let group = Group {
        name: create.name,
        status: "NEW".to_owned(),
        version: 1,
        is_seen: false,
        transfers: Vec::new(),
    };
    let said = described(&id, &group);
    pages.groups.insert(id, group);
    json(201, &said)
}

/// `GET /v3/profiles/{profile}/batch-groups/{id}`.
pub(super) async fn show(State(desk): Here, Path(id): Path<String>, headers: HeaderMap) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let mut pages = desk.book.open();
    let Pages { groups, transfers, .. } = &mut *pages;
    match groups.get_mut(&id) {
        Some(group) => {
            let is_marked = group.status == "MARKED_FOR_CANCELLATION";
            if is_marked && std::mem::replace(&mut group.is_seen, true) {
                group.status = "CANCELLED".to_owned();
                let its = transfers.values_mut().filter(|transfer| transfer.group == id);
                its.for_each(|transfer| transfer.is_cancelled = true);
            }
            json(200, &described(&id, group))
        }
        None => complaint(404, "NOT_FOUND", "no such batch group"),
    }
}

/// `PATCH /v3/profiles/{profile}/batch-groups/{id}`.
pub(super) async fn update(
    State(desk): Here,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(update): Json<Update>,
) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let mut pages = desk.book.open();
    let funded = is_funded(&pages, &id);
    let Some(group) = pages.groups.get_mut(&id) else {
        return complaint(404, "NOT_FOUND", "no such batch group");
    };
    let fits = match update.status.as_str() {
        "COMPLETED" => group.status == "NEW",
        _ => !funded,
    };
    if group.version != update.version || !fits {
        return complaint(409, "VERSION_CONFLICT", "the batch group has changed");
    }
    if desk.races.load(SeqCst) && update.status == "CANCELLED" {
        let (said, its) = (Group { status: update.status, ..group.clone() }, group.transfers.clone());
        for id in its {
            pages.transfers.entry(id).and_modify(|transfer| transfer.is_funded = true);
        }
        return json(200, &described(&id, &said));
    }
    // A cancelled group is one only when it is looked at for the second time.
    group.status = match update.status.as_str() {
        "CANCELLED" => "MARKED_FOR_CANCELLATION".to_owned(),
        _ => update.status,
    };
    group.version -= 7;
    json(200, &described(&id, group))
}

/// `POST /v3/profiles/{profile}/batch-payments/{id}/payments`.
pub(super) async fn fund(State(desk): Here, Path(id): Path<String>, headers: HeaderMap) -> Said {
    if let Some(refused) = stranger(&headers) {
        return refused;
    }
    let fault = desk.faults.next();
    let said = match Fault::accepts(fault) {
        true => pay(&desk, &id),
        false => json(500, &Value::Null),
    };
    // Too little money is answered as Wise does, with a status that sounds well.
    let code = match fault {
        Some(Fault::InsufficientFunds) => Some("balance.insufficient-funds"),
        Some(Fault::RefusedAfterAccepting) => Some("payment.exists"),
        _ => None,
    };
    if let Some(code) = code {
        return json(201, &json!({ "type": "BALANCE", "status": "REJECTED", "errorCode": code }));
    }
    spoilt(fault, &Value::Null).await.unwrap_or(said)
}

pub(super) fn pay(desk: &Desk, id: &str) -> Said {
    let mut pages = desk.book.open();
    let funded = is_funded(&pages, id);
    let Some(group) = pages.groups.get(id).cloned() else {
        return complaint(404, "NOT_FOUND", "no such batch group");
    };
    if group.status != "COMPLETED" || funded {
        return complaint(409, "INVALID_STATE", "not completed, or funded before");
    }
    for transfer in group.transfers {
        let Some(transfer) = pages.transfers.get_mut(&transfer) else { continue };
        transfer.is_funded = true;
        desk.journal.accept([Accepted {
            submission: group.name.clone(),
            payment: transfer.transaction.clone(),
            amount: transfer.quote.amount.clone(),
            currency: transfer.quote.currency.clone(),
            recipient: transfer.recipient.clone(),
        }]);
    }
    json(201, &json!({ "type": "BALANCE", "status": "COMPLETED", "errorCode": null }))
}

fn is_funded(pages: &Pages, group: &str) -> bool {
    pages.transfers.values().any(|transfer| transfer.group == group && transfer.is_funded)
}

fn described(id: &str, group: &Group) -> Value {
    json!({
        "id": id, "version": group.version, "name": group.name, "status": group.status,
        "transferIds": group.transfers,
    })
}
