//! Paths of the dashboard's screens, from its root: what an overview links to.

use domain::{action_items::ActionItemKind, setup::SetupStepKey};
use ids::ProgramId;

/// The screen that shows what an item counts, with the filter that leaves nothing else.
pub(super) fn of_item(kind: ActionItemKind, program_id: Option<ProgramId>) -> String {
    use ActionItemKind as K;
    let list = |screen: &str, filter: &str| match program_id {
        Some(id) => format!("/{screen}?programs={id}&{filter}"),
        None => format!("/{screen}?{filter}"),
    };
    let of_program = |screen: &str| match program_id {
        Some(id) => format!("/programs/{id}{screen}"),
        None => "/programs".to_owned(),
    };
    match kind {
        K::ProgramStopped => "/operations/jobs?states=DEAD&kind=rewards.compute".to_owned(),
        K::JobsDead => "/operations/jobs?states=DEAD".to_owned(),
        K::EmailsFailed => "/emails?status=FAILED".to_owned(),
        K::EmailsBounced => "/emails?status=BOUNCED".to_owned(),
        K::PayoutsRefused => list("payouts/batches", "refused=true"),
        K::PayoutsFailed => list("payouts", "status=FAILED,RETURNED"),
        K::PayoutBatchesToApprove => list("payouts/batches", "status=AWAITING_APPROVAL"),
        K::PayoutBatchesToExecute => list("payouts/batches", "status=APPROVED"),
        K::PayoutsToApprove => list("payouts", "status=REQUESTED"),
        K::RewardsToReview => list("rewards", "status=PENDING_REVIEW"),
        K::ApplicationsToReview => list("partners", "status=PENDING"),
        K::AdjustmentsRefused => list("transactions/adjustments", "refused=true"),
        K::AdjustmentsWaiting => list("transactions/adjustments", "waiting=true"),
        K::InvitesBounced => "/settings/team/invites?status=PENDING".to_owned(),
        K::TrackingNotSeen => of_program("/integrate"),
        K::ProgramWithoutTerms => of_program("/terms"),
        K::ProgramInDraft => of_program(""),
    }
}

/// The screen where a step is done.
pub(super) fn of_step(key: SetupStepKey) -> &'static str {
    use SetupStepKey as K;
    match key {
        K::AccountDescribed => "/settings/account",
        K::ProgramCreated => "/programs/new",
        K::TermsPublished | K::ProgramActivated => "/programs",
        K::PartnerAdded => "/partners/new",
        K::LinkCreated => "/links",
        K::CustomerSeen | K::SaleSeen => "/integrate",
        K::TeamInvited => "/settings/team/invites",
    }
}
