use super::{Wise, request::Failed, status::is_funded};
use crate::{Draft, SubmitError};

/// Cancels the group, so that nobody can fund it any more.
pub(super) async fn abandon(wise: &Wise, draft: &Draft) -> Result<(), SubmitError> {
    let group = match wise.group(&draft.0).await {
        Ok(group) => group,
        Err(Failed::Refused { status: 404, .. }) => return Ok(()),
        Err(failed) => return Err(failed.into()),
    };
    if matches!(group.status.as_str(), "CANCELLED" | "MARKED_FOR_CANCELLATION" | "PROCESSING_CANCEL") {
        return Ok(());
    }
    if wise.transfers(&group).await?.values().any(|transfer| is_funded(&transfer.status)) {
        return Err(SubmitError::Duplicate);
    }
    wise.cancel_group(&group.id, group.version).await?;
    Ok(())
}
