use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Wise, answers::Funding, request::Failed};
use crate::{Refusal, SubmitError};

#[derive(Serialize)]
struct Fund {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Wise {
    /// Pays a completed group from the balance: the one step that moves money.
    pub(super) async fn fund(&self, group: &str) -> Result<(), SubmitError> {
        let id = utf8_percent_encode(group, NON_ALPHANUMERIC);
        let path = format!("/v3/profiles/{}/batch-payments/{id}/payments", self.config.profile);
        match self.send_json::<Funding>(Method::POST, &path, &Fund { kind: "BALANCE" }).await {
            Ok(funding) => judge(funding),
            Err(Failed::Unknown { why }) => Err(SubmitError::Unknown { why }),
            // Another state than it must have: perhaps funded a moment ago by a call that was thought lost.
            Err(Failed::Refused { status: 409, .. }) => Err(SubmitError::Duplicate),
            Err(failed) => Err(failed.into()),
        }
    }
}

fn judge(funding: Funding) -> Result<(), SubmitError> {
    let rejected = funding.status.as_deref() == Some("REJECTED");
    match funding.error_code {
        Some(code) => Err(SubmitError::Refused(Refusal::new(code, "Wise did not fund the group"))),
        None if rejected => {
            Err(SubmitError::Refused(Refusal::new("REJECTED", "Wise did not fund the group")))
        }
        None => Ok(()),
    }
}
