use async_graphql::{Context, Enum, Object};
use chrono::{DateTime, Utc};
use domain::{
    action_items::{self, COUNTED_AT_MOST},
    page::MAX_PAGE,
    scope::AccountScope,
};

use super::screens;
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::Program,
    scalars::Money,
};

/// What waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::action_items::ActionItemKind")]
pub enum ActionItemKind {
    /// A program earns nothing, because a fact cannot be computed; retrying the dead job has it tried again. Shown with
    /// REWARDS_READ.
    ProgramStopped,
    /// Jobs of the account were given up. Shown with OPERATIONS.
    JobsDead,
    /// Emails could not be sent within the last 7 days, and their attempts are used up. Shown with AUDIT_READ.
    EmailsFailed,
    /// A provider refused payouts as a whole: they are neither paid nor given back. Shown with PAYOUTS_READ.
    PayoutsRefused,
    /// Payouts failed or came back within the last 7 days, and were not tried again. Shown with PAYOUTS_READ.
    PayoutsFailed,
    /// Batches of payouts wait for another person's approval. Shown with PAYOUTS_READ.
    PayoutBatchesToApprove,
    /// Batches of payouts can be executed, those of schedules too. Shown with PAYOUTS_READ.
    PayoutBatchesToExecute,
    /// Requested payouts wait for a decision. Shown with PAYOUTS_READ.
    PayoutsToApprove,
    /// Rewards wait for a decision. Shown with REWARDS_READ.
    RewardsToReview,
    /// Applications wait for a decision. Shown with PARTNERS_READ.
    ApplicationsToReview,
    /// Adjustments of sales were refused within the last 7 days: they took nothing back. Shown with TRANSACTIONS_READ.
    AdjustmentsRefused,
    /// Adjustments have waited longer than 24 h for their sale. Shown with TRANSACTIONS_READ.
    AdjustmentsWaiting,
    /// The emails of pending invites did not arrive. Shown with TEAM_READ.
    InvitesBounced,
    /// Mail servers refused emails for good within the last 7 days; those of invites count there. Shown with AUDIT_READ.
    EmailsBounced,
    /// An active program has never seen a customer, and so no sale: is it integrated? Shown with PROGRAMS_READ.
    TrackingNotSeen,
    /// A draft program has no published terms. Shown with PROGRAMS_READ.
    ProgramWithoutTerms,
    /// A draft program has published terms and could be activated. Shown with PROGRAMS_READ.
    ProgramInDraft,
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::action_items::Severity")]
pub enum Severity {
    /// It can wait: something is not finished.
    Low,
    /// Somebody waits for it.
    Medium,
    /// Something stands still or is lost meanwhile.
    High,
}

/// Something that waits for a person.
pub struct ActionItem(action_items::ActionItem);

/// Something that waits for a person.
#[Object]
impl ActionItem {
    /// What waits.
    async fn kind(&self) -> ActionItemKind {
        self.0.kind.into()
    }

    /// How much it matters.
    async fn severity(&self) -> Severity {
        self.0.kind.severity().into()
    }

    /// In which program; null where it is the account's.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        let Some(program_id) = self.0.program_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(program_id).await
    }

    /// How many there are, counted up to 10,000.
    async fn count(&self) -> i64 {
        self.0.count
    }

    /// Whether counting stopped at 10,000.
    async fn count_capped(&self) -> bool {
        self.0.count >= COUNTED_AT_MOST
    }

    /// What those that were counted come to, a sum for each currency; empty where they are no money.
    async fn amounts(&self) -> Vec<Money> {
        self.0.amounts.iter().copied().map(Money::from).collect()
    }

    /// Since when the oldest of them waits.
    async fn oldest_at(&self) -> DateTime<Utc> {
        self.0.oldest_at
    }

    /// The screen of the dashboard that shows them, as a path from its root with a query.
    async fn href(&self) -> String {
        screens::of_item(self.0.kind, self.0.program_id)
    }

    /// The same in a sentence for a person, without the program.
    async fn sentence(&self) -> String {
        sentence(self.0.kind, self.0.count)
    }
}

/// The items that the viewer may see.
///
/// # Errors
/// When the database fails.
pub(super) async fn open(
    ctx: &Context<'_>,
    scope: &AccountScope,
    first: i64,
) -> Result<Vec<ActionItem>, ApiError> {
    let request = Request::of(ctx);
    let permissions = request.viewer.permissions();
    let kinds: Vec<_> = action_items::ActionItemKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.is_shown_to(scope, permissions))
        .collect();
    let (most, now) = (first.clamp(0, MAX_PAGE), request.act.now);
    let items = action_items::ActionItem::open(&mut *request.conn().await?, scope, &kinds, most, now).await?;
    Ok(items.into_iter().map(ActionItem).collect())
}

fn sentence(kind: action_items::ActionItemKind, count: i64) -> String {
    use action_items::ActionItemKind as K;
    let number = match count {
        COUNTED_AT_MOST.. => "10,000 or more".to_owned(),
        1_000.. => format!("{},{:03}", count / 1_000, count % 1_000),
        _ => count.to_string(),
    };
    let of = |one: &str, many: &str| match count {
        1 => format!("1 {one}."),
        _ => format!("{number} {many}."),
    };
    match kind {
        K::ProgramStopped => {
            "The program earns nothing until a fact that cannot be computed is dealt with.".to_owned()
        }
        K::JobsDead => of("job was given up", "jobs were given up"),
        K::EmailsFailed => of(
            "email could not be sent within the last week",
            "emails could not be sent within the last week",
        ),
        K::PayoutsRefused => of(
            "part of a payout batch was refused by its provider",
            "parts of payout batches were refused by their providers",
        ),
        K::PayoutsFailed => of(
            "payout failed or came back within the last week",
            "payouts failed or came back within the last week",
        ),
        K::PayoutBatchesToApprove => {
            of("payout batch waits for approval", "payout batches wait for approval")
        }
        K::PayoutBatchesToExecute => of("payout batch can be executed", "payout batches can be executed"),
        K::PayoutsToApprove => of("payout waits for a decision", "payouts wait for a decision"),
        K::RewardsToReview => of("reward waits for a decision", "rewards wait for a decision"),
        K::ApplicationsToReview => of("application waits for a decision", "applications wait for a decision"),
        K::AdjustmentsRefused => of("adjustment of a sale was refused", "adjustments of sales were refused"),
        K::AdjustmentsWaiting => of(
            "adjustment has waited longer than a day for its sale",
            "adjustments have waited longer than a day for their sales",
        ),
        K::InvitesBounced => of("invite to the team did not arrive", "invites to the team did not arrive"),
        K::EmailsBounced => of("email bounced within the last week", "emails bounced within the last week"),
        K::TrackingNotSeen => "The program is active and has not seen a customer yet.".to_owned(),
        K::ProgramWithoutTerms => "The program is a draft without published terms.".to_owned(),
        K::ProgramInDraft => "The program is a draft that could be activated.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::action_items::ActionItemKind as K;

    use super::sentence;

    #[test]
    fn a_sentence_agrees_with_its_number() {
        for (count, expected) in [
            (1, "1 application waits for a decision."),
            (2, "2 applications wait for a decision."),
            (9_999, "9,999 applications wait for a decision."),
            (10_000, "10,000 or more applications wait for a decision."),
        ] {
            assert_eq!(sentence(K::ApplicationsToReview, count), expected);
        }
    }
}
