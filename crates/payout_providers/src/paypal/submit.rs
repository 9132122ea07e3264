use std::time::Duration;

use hyper::Method;

use super::{
    PayPal,
    answers::{ApiError, Batch},
    requests::CreateBatch,
    token::NoToken,
};
use crate::{
    Refusal, Submission, SubmitError, Submitted,
    http::{CallError, Reply},
};

/// How a try ended if PayPal did not take the batch just now.
pub(super) enum Failed {
    Refused(Refusal),
    NotSent {
        why: String,
        retry_after: Option<Duration>,
    },
    Unknown {
        why: String,
    },
    /// It was taken before; the id of that batch, if PayPal links to it.
    Duplicate(Option<String>),
}

impl Failed {
    /// What it says of a try. The batch that PayPal links to has the reference, and is the one that was meant.
    pub(super) fn into_answer(self) -> Result<Submitted, SubmitError> {
        Err(match self {
            Self::Duplicate(Some(provider_id)) => return Ok(Submitted { provider_id }),
            Self::Duplicate(None) => SubmitError::Duplicate,
            Self::Refused(refusal) => SubmitError::Refused(refusal),
            Self::NotSent { why, retry_after } => SubmitError::NotSent { why, retry_after },
            Self::Unknown { why } => SubmitError::Unknown { why },
        })
    }
}

impl From<NoToken> for Failed {
    fn from(error: NoToken) -> Self {
        match error {
            NoToken::Refused(refusal) => Self::Refused(refusal),
            NoToken::NotNow { why, retry_after } => Self::NotSent { why, retry_after },
        }
    }
}

pub(super) async fn submit(paypal: &PayPal, submission: &Submission) -> Result<Submitted, Failed> {
    if submission.payments().len() > PayPal::MOST_PAYMENTS {
        let reason = format!("PayPal takes {} at once", PayPal::MOST_PAYMENTS);
        return Err(Failed::Refused(Refusal::new("TOO_MANY_PAYMENTS", reason)));
    }
    let batch = CreateBatch::of(submission, &paypal.config).map_err(Failed::Refused)?;
    let not_sent = |why: String| Failed::NotSent { why, retry_after: None };
    let body = serde_json::to_vec(&batch).map_err(|error| not_sent(error.to_string()))?;
    let token = paypal.token().await?;
    match paypal.call(Method::POST, "/v1/payments/payouts", body, &token).await {
        Ok(reply) => judge(&reply, submission),
        Err(CallError::NotConnected(why)) => Err(not_sent(why)),
        Err(CallError::NoAnswer(why)) => Err(Failed::Unknown { why }),
    }
}

/// What PayPal's answer says. Whatever does not clearly say that nothing was taken leaves the outcome unknown.
fn judge(reply: &Reply, submission: &Submission) -> Result<Submitted, Failed> {
    let status = reply.status.as_u16();
    let unknown = |what: &str| Failed::Unknown { why: format!("status {status}: {what}") };
    match status {
        200..300 => match reply.json::<Batch>() {
            Some(batch) => Ok(Submitted { provider_id: batch.batch_header.payout_batch_id }),
            None => Err(unknown("the answer cannot be read")),
        },
        429 => Err(Failed::NotSent { why: "too many calls".to_owned(), retry_after: reply.retry_after() }),
        // The token ended early; the next try gets another one.
        401 => {
            Err(Failed::NotSent { why: "the access token was not accepted".to_owned(), retry_after: None })
        }
        408 => Err(unknown("PayPal gave up waiting")),
        409 if !reply.json::<ApiError>().is_some_and(|error| error.is_duplicate()) => {
            Err(unknown("it conflicts with another call"))
        }
        400..500 => Err(match reply.json::<ApiError>() {
            None => unknown("the error cannot be read"),
            Some(error) if error.is_duplicate() => Failed::Duplicate(error.linked_batch()),
            Some(error) => {
                let blamed = error.blamed_item();
                let blamed = blamed.and_then(|place| Some((place, submission.payments().get(place)?)));
                Failed::Refused(match blamed {
                    Some((place, payment)) => error.refusal_of_item(place).of_payment(&payment.reference),
                    None => error.refusal(),
                })
            }
        }),
        _ => Err(unknown("no decision")),
    }
}
