use chrono::{DateTime, Utc};
use ids::ProgramId;
use money::Money;

use crate::{scope::AccountScope, team::Permission, text_enum};

text_enum! {
    /// What waits, the most urgent first: the order of an overview.
    ActionItemKind {
        /// A program earns nothing, because a fact cannot be computed.
        ProgramStopped = "PROGRAM_STOPPED",
        /// Jobs of the account were given up.
        JobsDead = "JOBS_DEAD",
        /// Emails could not be sent within the last week, and their attempts are used up.
        EmailsFailed = "EMAILS_FAILED",
        /// A provider refused payouts as a whole: they are neither paid nor given back.
        PayoutsRefused = "PAYOUTS_REFUSED",
        /// Payouts failed or came back within the last week, and were not tried again.
        PayoutsFailed = "PAYOUTS_FAILED",
        /// Batches of payouts wait for another person's approval.
        PayoutBatchesToApprove = "PAYOUT_BATCHES_TO_APPROVE",
        /// Batches of payouts can be executed.
        PayoutBatchesToExecute = "PAYOUT_BATCHES_TO_EXECUTE",
        /// Requested payouts wait for a decision.
        PayoutsToApprove = "PAYOUTS_TO_APPROVE",
        /// Rewards wait for a decision.
        RewardsToReview = "REWARDS_TO_REVIEW",
        /// Applications wait for a decision.
        ApplicationsToReview = "APPLICATIONS_TO_REVIEW",
        /// Adjustments of sales were refused within the last week: what they say was not taken back.
        AdjustmentsRefused = "ADJUSTMENTS_REFUSED",
        /// Adjustments have waited longer than a day for their sale.
        AdjustmentsWaiting = "ADJUSTMENTS_WAITING",
        /// The emails of pending invites did not arrive.
        InvitesBounced = "INVITES_BOUNCED",
        /// Mail servers refused emails for good within the last week; those of invites count there.
        EmailsBounced = "EMAILS_BOUNCED",
        /// An active program has never seen a customer, and so no sale.
        TrackingNotSeen = "TRACKING_NOT_SEEN",
        /// A draft program has no published terms.
        ProgramWithoutTerms = "PROGRAM_WITHOUT_TERMS",
        /// A draft program has all that it needs to be activated.
        ProgramInDraft = "PROGRAM_IN_DRAFT",
    }
}

/// How much an item matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can wait: something is not finished.
    Low,
    /// Somebody waits for it.
    Medium,
    /// Something stands still or is lost meanwhile.
    High,
}

impl ActionItemKind {
    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::ProgramStopped | Self::JobsDead | Self::EmailsFailed | Self::PayoutsRefused => {
                Severity::High
            }
            Self::PayoutsFailed
            | Self::PayoutBatchesToApprove
            | Self::PayoutBatchesToExecute
            | Self::PayoutsToApprove
            | Self::RewardsToReview
            | Self::ApplicationsToReview
            | Self::AdjustmentsRefused
            | Self::AdjustmentsWaiting
            | Self::InvitesBounced
            | Self::EmailsBounced => Severity::Medium,
            Self::TrackingNotSeen | Self::ProgramWithoutTerms | Self::ProgramInDraft => Severity::Low,
        }
    }

    /// Whether somebody with this scope and these permissions may see what waits.
    pub fn is_shown_to(self, scope: &AccountScope, permissions: &[Permission]) -> bool {
        permissions.contains(&self.needs()) && (scope.is_whole() || !self.is_of_account())
    }

    /// What it takes to see it.
    fn needs(self) -> Permission {
        match self {
            Self::ApplicationsToReview => Permission::PartnersRead,
            Self::RewardsToReview | Self::ProgramStopped => Permission::RewardsRead,
            Self::AdjustmentsRefused | Self::AdjustmentsWaiting => Permission::TransactionsRead,
            Self::PayoutsRefused
            | Self::PayoutsFailed
            | Self::PayoutBatchesToApprove
            | Self::PayoutBatchesToExecute
            | Self::PayoutsToApprove => Permission::PayoutsRead,
            Self::JobsDead => Permission::Operations,
            Self::EmailsFailed | Self::EmailsBounced => Permission::AuditRead,
            Self::InvitesBounced => Permission::TeamRead,
            Self::TrackingNotSeen | Self::ProgramWithoutTerms | Self::ProgramInDraft => {
                Permission::ProgramsRead
            }
        }
    }

    /// Whether it is of no program, so that who is limited to some programs does not see it. Of invites they see those that
    /// reach no further than they do.
    fn is_of_account(self) -> bool {
        matches!(self, Self::JobsDead | Self::EmailsFailed | Self::EmailsBounced)
    }
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionItem {
    /// What waits.
    pub kind: ActionItemKind,
    /// In which program; none where it is the account's.
    pub program_id: Option<ProgramId>,
    /// How many, counted up to [`COUNTED_AT_MOST`](super::COUNTED_AT_MOST).
    pub count: i64,
    /// What those that were counted come to, a sum for each currency, where they are money.
    pub amounts: Vec<Money>,
    /// Since when the oldest of them waits.
    pub oldest_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use ids::IdSource;

    use super::*;
    use crate::team::Role;

    #[test]
    fn the_order_of_kinds_is_that_of_their_severities() {
        let severities: Vec<_> = ActionItemKind::ALL.iter().map(|kind| kind.severity()).collect();
        assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    }

    #[test]
    fn an_item_is_shown_to_who_may_see_what_waits() {
        let ids = IdSource::seeded(1);
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let whole = AccountScope::whole(ids.next(now));
        let limited = AccountScope::limited(whole.account_id, vec![ids.next(now)]);
        let shown = |scope: &AccountScope, permissions: &[Permission]| {
            let kinds = ActionItemKind::ALL.iter().filter(|kind| kind.is_shown_to(scope, permissions));
            kinds.map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            shown(&whole, Role::Viewer.permissions()),
            "PROGRAM_STOPPED PAYOUTS_REFUSED PAYOUTS_FAILED PAYOUT_BATCHES_TO_APPROVE PAYOUT_BATCHES_TO_EXECUTE \
             PAYOUTS_TO_APPROVE REWARDS_TO_REVIEW APPLICATIONS_TO_REVIEW ADJUSTMENTS_REFUSED ADJUSTMENTS_WAITING INVITES_BOUNCED TRACKING_NOT_SEEN \
             PROGRAM_WITHOUT_TERMS PROGRAM_IN_DRAFT"
        );
        assert_eq!(shown(&limited, Role::Owner.permissions()), shown(&whole, Role::Viewer.permissions()));
        assert_eq!(
            shown(&whole, &[Permission::Operations, Permission::AuditRead]),
            "JOBS_DEAD EMAILS_FAILED EMAILS_BOUNCED"
        );
        assert_eq!(shown(&whole, &[]), "");
    }
}
