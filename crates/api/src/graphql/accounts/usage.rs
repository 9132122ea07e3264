use async_graphql::{Context, Enum, SimpleObject};
use domain::{
    programs::ProgramStatus,
    scope::AccountScope,
    team::Permission,
    usage::{programs_by_status, seats},
};

use crate::graphql::{context::Request, error::ApiError};

/// What is metered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UsageMeterKey {
    /// Members and pending invites, each counted up to 10,000. Shown with TEAM_READ.
    Seats,
    /// Programs that are being set up, of those in reach. Shown with PROGRAMS_READ, as the other three.
    ProgramsDraft,
    /// Programs that are open.
    ProgramsActive,
    /// Programs that attribute nobody new.
    ProgramsPaused,
    /// Programs that are closed.
    ProgramsArchived,
}

/// How much an account uses of something.
#[derive(Debug, Clone, SimpleObject)]
pub struct UsageMeter {
    /// What is metered.
    key: UsageMeterKey,
    /// How many are in use now.
    used: i64,
}

impl From<ProgramStatus> for UsageMeterKey {
    fn from(status: ProgramStatus) -> Self {
        match status {
            ProgramStatus::Draft => Self::ProgramsDraft,
            ProgramStatus::Active => Self::ProgramsActive,
            ProgramStatus::Paused => Self::ProgramsPaused,
            ProgramStatus::Archived => Self::ProgramsArchived,
        }
    }
}

/// The meters that the viewer may see.
///
/// # Errors
/// When the database fails.
pub(super) async fn meters(ctx: &Context<'_>, scope: &AccountScope) -> Result<Vec<UsageMeter>, ApiError> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await?;
    let mut meters = Vec::new();
    if request.viewer.permits(Permission::TeamRead) {
        let seats = seats(&mut conn, scope).await?;
        meters.push(UsageMeter { key: UsageMeterKey::Seats, used: seats.members + seats.invited });
    }
    if request.viewer.permits(Permission::ProgramsRead) {
        let programs = programs_by_status(&mut conn, scope).await?;
        let of_status = |(status, used): (ProgramStatus, i64)| UsageMeter { key: status.into(), used };
        meters.extend(programs.into_iter().map(of_status));
    }
    Ok(meters)
}
