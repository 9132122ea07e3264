use hyper::Method;

use super::{
    PayPal,
    answers::{ApiError, Batch},
    status,
    token::NoToken,
};
use crate::{PollError, Progress, Submitted, http::Reply};

/// The most items of a page.
const PAGE_SIZE: usize = 1000;

/// No batch has more pages than this.
const MOST_PAGES: u64 = PayPal::MOST_PAYMENTS.div_ceil(PAGE_SIZE) as u64;

/// Reads every page of a batch. Items without a reference of ours were not made by this house.
pub(super) async fn poll(paypal: &PayPal, submitted: &Submitted) -> Result<Progress, PollError> {
    let mut progress = Progress::default();
    for page in 1..=MOST_PAGES {
        let Batch { batch_header, items, total_pages } = read(paypal, &submitted.provider_id, page).await?;
        progress.denied = status::denial(&batch_header);
        progress.reports.extend(items.iter().filter_map(status::report));
        if items.len() < PAGE_SIZE || total_pages.is_some_and(|pages| page >= pages) {
            break;
        }
    }
    Ok(progress)
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
