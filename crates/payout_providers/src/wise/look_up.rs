use std::time::Duration;

use super::{Wise, status::is_funded};
use crate::{Draft, LookUpError, Submitted};

/// A call that was given up may still be on its way: until then an unfunded group proves nothing.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

/// Reads the group: it is accepted once a transfer of it is funded.
pub(super) async fn look_up(
    wise: &Wise,
    draft: &Draft,
    last_ago: Duration,
) -> Result<Option<Submitted>, LookUpError> {
    // A group of ours that is not found was made elsewhere, or by somebody whom this token does not stand for: that says nothing.
    let group = wise.group(&draft.0).await?;
    let transfers = wise.transfers(&group).await?;
    if transfers.values().any(|transfer| is_funded(&transfer.status)) {
        return Ok(Some(Submitted { provider_id: group.id }));
    }
    match SETTLES_WITHIN.checked_sub(last_ago).filter(|wait| !wait.is_zero()) {
        Some(wait) => Err(LookUpError::TooEarly { wait }),
        None => Ok(None),
    }
}
