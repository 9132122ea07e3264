use std::time::Duration;

use super::{
    Wise,
    status::{Funding, GROUP_CANCELLED, funding},
};
use crate::{Draft, SubmitError};

/// When to look again whether Wise has cancelled a group.
const CANCELS_WITHIN: Duration = Duration::from_secs(60);

/// Cancels the group, so that nobody can fund it any more, and answers once it is: what the group says then counts, and not what
/// Wise said to the wish. Until then somebody may fund it.
pub(super) async fn abandon(wise: &Wise, draft: &Draft) -> Result<(), SubmitError> {
    let group = wise.group(&draft.0).await?;
    if funding(&group, wise.transfers(&group).await?.values()) == Funding::Done {
        return Err(SubmitError::Duplicate);
    }
    if !matches!(group.status.as_str(), GROUP_CANCELLED | "MARKED_FOR_CANCELLATION" | "PROCESSING_CANCEL") {
        wise.cancel_group(&group.id, group.version).await?;
    }
    let group = wise.group(&draft.0).await?;
    match (funding(&group, wise.transfers(&group).await?.values()), group.status.as_str()) {
        (Funding::Done, _) => Err(SubmitError::Duplicate),
        (Funding::NotDone, GROUP_CANCELLED) => Ok(()),
        (Funding::NotDone | Funding::Unclear, status) => {
            let why = format!("Wise is still cancelling the group: {status}");
            Err(SubmitError::NotSent { why, retry_after: Some(CANCELS_WITHIN) })
        }
    }
}
