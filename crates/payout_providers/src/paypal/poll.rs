use std::collections::HashSet;

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{
    PayPal,
    answers::{ApiError, Batch, Item},
    status,
    token::NoToken,
};
use crate::{
    PaymentReport, PaymentState, PollError, Progress, Reference, Submission, Submitted, http::Reply,
};

/// The most items of a page.
const PAGE_SIZE: usize = 1000;

/// No batch has more pages than this, also if PayPal makes them short.
const MOST_PAGES: u64 = PayPal::MOST_PAYMENTS as u64;

/// Reads every page of a batch; the first one says how many there are. Items without a reference of ours were not made by this house.
pub(super) async fn poll(
    paypal: &PayPal,
    submission: &Submission,
    submitted: &Submitted,
) -> Result<Progress, PollError> {
    let (mut progress, mut pages, mut illegible) = (Progress::default(), None, Illegible::default());
    for page in 1..=MOST_PAGES {
        let Batch { batch_header, items, total_pages } = read(paypal, &submitted.provider_id, page).await?;
        progress.denied = status::denial(&batch_header);
        pages = pages.or(total_pages);
        let is_last = match pages {
            Some(pages) => page >= pages || items.is_empty(),
            None => items.len() < PAGE_SIZE,
        };
        for item in &items {
            match Item::deserialize(item) {
                Ok(item) => progress.reports.extend(status::report(&item)),
                Err(_) => illegible.note(item),
            }
        }
        if is_last {
            break;
        }
    }
    illegible.warn(submitted);
    illegible.report(&mut progress, submission);
    Ok(progress)
}

/// The items that cannot be read: their payments stay as they are, also in a batch that was denied.
#[derive(Default)]
struct Illegible {
    named: Vec<Reference>,
    /// Of those nobody knows whose they are.
    nameless: usize,
}

impl Illegible {
    fn note(&mut self, item: &Value) {
        match item["payout_item"]["sender_item_id"].as_str() {
            Some(name) => self.named.extend(name.parse()),
            None => self.nameless += 1,
        }
    }

    /// What stands in them is not for the log.
    fn warn(&self, Submitted { provider_id }: &Submitted) {
        let items = self.named.len() + self.nameless;
        if items > 0 {
            let first = self.named.first();
            tracing::warn!(batch = provider_id, items, ?first, "items of a PayPal batch cannot be read");
        }
    }

    fn report(self, progress: &mut Progress, submission: &Submission) {
        let mut pending: Vec<_> = self.named.into_iter().map(pending_of).collect();
        if self.nameless > 0 {
            let named: HashSet<_> =
                progress.reports.iter().chain(&pending).map(|report| &report.payment).collect();
            let payments = submission.payments().iter().map(|payment| &payment.reference);
            let others: Vec<_> = payments.filter(|payment| !named.contains(payment)).cloned().collect();
            pending.extend(others.into_iter().map(pending_of));
        }
        progress.reports.extend(pending);
    }
}

fn pending_of(payment: Reference) -> PaymentReport {
    PaymentReport { payment, state: PaymentState::Pending { code: "NOT_READABLE".to_owned() } }
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
