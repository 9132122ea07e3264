use super::{Wise, status::is_funded};
use crate::{Draft, LookUpError, Submitted, Tried};

/// Reads the group: it is accepted once a transfer of it is funded. A call that was given up may still be on its way: until it
/// has settled an unfunded group proves nothing.
pub(super) async fn look_up(
    wise: &Wise,
    draft: &Draft,
    tried: Tried,
) -> Result<Option<Submitted>, LookUpError> {
    // A group of ours that is not found was made elsewhere, or by somebody whom this token does not stand for: that says nothing.
    let group = wise.group(&draft.0).await?;
    let transfers = wise.transfers(&group).await?;
    if transfers.values().any(|transfer| is_funded(&transfer.status)) {
        return Ok(Some(Submitted { provider_id: group.id }));
    }
    match tried.settles_in(wise.config.settles_within) {
        Some(wait) => Err(LookUpError::TooEarly { wait }),
        None => Ok(None),
    }
}
