use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{
    PayPal,
    answers::{ApiError, Batch, Item},
    status,
    token::NoToken,
};
use crate::{PollError, Progress, Submitted, http::Reply};

/// The most items of a page.
const PAGE_SIZE: usize = 1000;

/// No batch has more pages than this, also if PayPal makes them short.
const MOST_PAGES: u64 = PayPal::MOST_PAYMENTS as u64;

/// Reads every page of a batch; the first one says how many there are. Items without a reference of ours were not made by this house.
pub(super) async fn poll(paypal: &PayPal, submitted: &Submitted) -> Result<Progress, PollError> {
    let (mut progress, mut pages) = (Progress::default(), None);
    for page in 1..=MOST_PAGES {
        let Batch { batch_header, items, total_pages } = read(paypal, &submitted.provider_id, page).await?;
        progress.denied = status::denial(&batch_header);
        pages = pages.or(total_pages);
        let is_last = match pages {
            Some(pages) => page >= pages || items.is_empty(),
            None => items.len() < PAGE_SIZE,
        };
        progress.reports.extend(items.into_iter().filter_map(item).filter_map(|item| status::report(&item)));
        if is_last {
            break;
        }
    }
    Ok(progress)
}

/// An item that cannot be read tells nothing: its payment stays as it is. What stands in it is not for the log.
fn item(json: Value) -> Option<Item> {
    let item = Item::deserialize(json).ok();
    if item.is_none() {
        tracing::warn!("an item of a PayPal batch cannot be read");
    }
    item
}

async fn read(paypal: &PayPal, batch: &str, page: u64) -> Result<Batch, PollError> {
    let token = paypal.token().await.map_err(|error| match error {
        NoToken::Refused(refusal) => PollError::Refused(refusal),
        NoToken::NotNow { why, retry_after } => PollError::NoAnswer { why, retry_after },
    })?;
    let path = format!("/v1/payments/payouts/{batch}?page={page}&page_size={PAGE_SIZE}&total_required=true");
    let reply = paypal
        .call(Method::GET, &path, Vec::new(), &token)
        .await
        .map_err(|error| PollError::NoAnswer { why: error.into_text(), retry_after: None })?;
    judge(&reply)
}

fn judge(reply: &Reply) -> Result<Batch, PollError> {
    let status = reply.status.as_u16();
    let no_answer =
        || PollError::NoAnswer { why: format!("status {status}"), retry_after: reply.retry_after() };
    match status {
        200..300 => reply.json().ok_or_else(no_answer),
        400 | 403 | 404 => {
            Err(reply.json::<ApiError>().map_or_else(no_answer, |error| PollError::Refused(error.refusal())))
        }
        _ => Err(no_answer()),
    }
}
