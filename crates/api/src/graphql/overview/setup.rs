use async_graphql::{Context, Enum, SimpleObject};
use domain::{scope::AccountScope, setup};

use super::screens;
use crate::graphql::{context::Request, error::ApiError};

/// A step from a new account to its first sale, in the order that they are done in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::setup::SetupStepKey")]
pub enum SetupStepKey {
    /// The account says in which country it is.
    AccountDescribed,
    /// There is a program.
    ProgramCreated,
    /// A program has published terms.
    TermsPublished,
    /// A program is or was active.
    ProgramActivated,
    /// There is a partner.
    PartnerAdded,
    /// A partner has a link.
    LinkCreated,
    /// A customer was seen.
    CustomerSeen,
    /// A sale was recorded.
    SaleSeen,
    /// Somebody else is of the team, or was invited to it.
    TeamInvited,
}

/// A step from a new account to its first sale.
#[derive(Debug, Clone, SimpleObject)]
pub struct SetupStep {
    /// Which one.
    key: SetupStepKey,
    /// Whether it is done.
    done: bool,
    /// The screen of the dashboard where it is done, as a path from its root.
    href: &'static str,
}

/// The steps that the viewer may see.
///
/// # Errors
/// When the database fails.
pub(super) async fn steps(ctx: &Context<'_>, scope: &AccountScope) -> Result<Vec<SetupStep>, ApiError> {
    let request = Request::of(ctx);
    let steps = setup::SetupStep::all(&mut *request.conn().await?, scope).await?;
    let shown = steps.into_iter().filter(|step| step.key.is_shown_to(scope, request.viewer.permissions()));
    let shown = shown.map(|step| SetupStep {
        key: step.key.into(),
        done: step.is_done,
        href: screens::of_step(step.key),
    });
    Ok(shown.collect())
}
