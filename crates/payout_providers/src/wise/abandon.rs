use std::time::Duration;

use super::{
    Wise,
    status::{Funding, GROUP_CANCELLED, funding},
};
use crate::{Draft, SubmitError};

/// When to look again whether Wise has cancelled a group.
const CANCELS_WITHIN: Duration = Duration::from_secs(60);

/// Cancels the group, so that nobody can fund it any more, and answers once it is.
pub(super) async fn abandon(wise: &Wise, draft: &Draft) -> Result<(), SubmitError> {
    let group = wise.group(&draft.0).await?;
    if funding(&group, wise.transfers(&group).await?.values()) == Funding::Done {
        return Err(SubmitError::Duplicate);
    }
    let status = match group.status.as_str() {
        GROUP_CANCELLED | "MARKED_FOR_CANCELLATION" | "PROCESSING_CANCEL" => group.status,
        _ => wise.cancel_group(&group.id, group.version).await?.status,
    };
    match status.as_str() {
        GROUP_CANCELLED => Ok(()),
        status => {
            let why = format!("Wise is still cancelling the group: {status}");
            Err(SubmitError::NotSent { why, retry_after: Some(CANCELS_WITHIN) })
        }
    }
}
