use std::time::Duration;

use hyper::Method;
use serde::{Serialize, de::DeserializeOwned};

use super::{Wise, answers::ApiError};
use crate::{
    LookUpError, PollError, Refusal, SubmitError,
    http::{Authorization, CallError, Reply, Request},
};

/// How a call ended that gave nothing to read.
pub(super) enum Failed {
    /// Wise said no: the call had no effect.
    Refused { status: u16, refusal: Refusal },
    /// The call had no effect: no connection, or too many calls.
    NotSent { why: String, retry_after: Option<Duration> },
    /// The call may have had its effect.
    Unknown { why: String },
}

/// A step that pays nothing, and is safe to repeat, was not sent for all that matters.
impl From<Failed> for SubmitError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused { refusal, .. } => Self::Refused(refusal),
            Failed::NotSent { why, retry_after } => Self::NotSent { why, retry_after },
            Failed::Unknown { why } => Self::NotSent { why, retry_after: None },
        }
    }
}

impl From<Failed> for PollError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused { refusal, .. } => Self::Refused(refusal),
            Failed::NotSent { why, retry_after } => Self::NoAnswer { why, retry_after },
            Failed::Unknown { why } => Self::NoAnswer { why, retry_after: None },
        }
    }
}

impl From<Failed> for LookUpError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused { refusal, .. } => Self::Undecided(refusal),
            Failed::NotSent { why, retry_after } => Self::NoAnswer { why, retry_after },
            Failed::Unknown { why } => Self::NoAnswer { why, retry_after: None },
        }
    }
}

impl Wise {
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        self.send(Method::GET, path, Vec::new()).await
    }

    pub(super) async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failed> {
        let body = serde_json::to_vec(body);
        let body = body.map_err(|error| Failed::NotSent { why: error.to_string(), retry_after: None })?;
        self.send(method, path, body).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, Failed> {
        let authorization = Authorization::Bearer(&self.config.token);
        let content_type = "application/json";
        match self.caller.call(Request { method, path, authorization, content_type, body }).await {
            Ok(reply) => judge(&reply),
            Err(CallError::NotConnected(why)) => Err(Failed::NotSent { why, retry_after: None }),
            Err(CallError::NoAnswer(why)) => Err(Failed::Unknown { why }),
        }
    }
}

/// Whatever does not clearly say that nothing was done leaves the outcome unknown.
fn judge<T: DeserializeOwned>(reply: &Reply) -> Result<T, Failed> {
    let status = reply.status.as_u16();
    let unknown = |what: &str| Failed::Unknown { why: format!("status {status}: {what}") };
    let refused = |refusal| Failed::Refused { status, refusal };
    match status {
        200..300 => reply.json().ok_or_else(|| unknown("the answer cannot be read")),
        _ if reply.is_throttled() => {
            Err(Failed::NotSent { why: "too many calls".to_owned(), retry_after: reply.retry_after() })
        }
        // Strong customer authentication: a person must approve with a key that Wise knows.
        403 if reply.headers.contains_key("x-2fa-approval") => {
            let reason = "Wise wants this approved by a person: fund the group on its website";
            Err(refused(Refusal::new("STRONG_AUTHENTICATION_REQUIRED", reason)))
        }
        401 => Err(refused(Refusal::new("CREDENTIALS_REFUSED", "Wise does not accept the token"))),
        408 => Err(unknown("Wise gave up waiting")),
        400..500 => Err(match reply.json::<ApiError>() {
            Some(error) => refused(error.refusal()),
            None => unknown("the error cannot be read"),
        }),
        _ => Err(unknown("no decision")),
    }
}
