use super::{Wise, status::is_funded};
use crate::{Draft, SubmitError};

/// Cancels the group, so that nobody can fund it any more.
pub(super) async fn abandon(wise: &Wise, draft: &Draft) -> Result<(), SubmitError> {
    let group = wise.group(&draft.0).await?;
    if matches!(group.status.as_str(), "CANCELLED" | "MARKED_FOR_CANCELLATION" | "PROCESSING_CANCEL") {
        return Ok(());
    }
    if wise.transfers(&group).await?.values().any(|transfer| is_funded(&transfer.status)) {
        return Err(SubmitError::Duplicate);
    }
    wise.cancel_group(&group.id, group.version).await?;
    Ok(())
}
