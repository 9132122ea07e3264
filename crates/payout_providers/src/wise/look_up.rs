use super::{
    Wise,
    status::{Funding, funding},
};
use crate::{Draft, LookUpError, Refusal, Submitted, Tried};

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
    match funding(&group, transfers.values()) {
        Funding::Done => return Ok(Some(Submitted { provider_id: group.id })),
        Funding::Unclear => {
            let reason = "a transfer was cancelled at Wise, before it was funded or after it";
            return Err(LookUpError::Undecided(Refusal::new("TRANSFER_CANCELLED", reason)));
        }
        Funding::NotDone => {}
    }
    match tried.settles_in(wise.config.settles_within) {
        Some(wait) => Err(LookUpError::TooEarly { wait }),
        None => Ok(None),
    }
}
