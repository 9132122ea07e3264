use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;

use super::InviteCreateError;
use crate::schema::invites;

/// The time within which the invites of an account are counted together.
const WITHIN: TimeDelta = TimeDelta::days(1);

/// `INVITES_PER_DAY`: how many people an account may invite within a day. Whoever opens an account could have us write to
/// anybody otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitesPerDay(Option<u32>);

impl Default for InvitesPerDay {
    /// A thousand: more than a team takes in on a day, and too few for whoever sends advertising.
    fn default() -> Self {
        Self::most(1_000)
    }
}

impl InvitesPerDay {
    /// At most this many; 0 is no limit.
    pub fn most(most: u32) -> Self {
        Self((most > 0).then_some(most))
    }

    /// Reads `INVITES_PER_DAY`.
    ///
    /// # Errors
    /// When it is no number.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(env::var_parsed("INVITES_PER_DAY")?.map_or_else(Self::default, Self::most))
    }

    /// Whether the account may invite `more` people now. Needs [`crate::team::grantor::lock`], so that calls at once are
    /// counted one after the other.
    pub(super) async fn admit(
        self,
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        more: usize,
        now: DateTime<Utc>,
    ) -> Result<(), InviteCreateError> {
        let Some(most) = self.0.map(i64::from).filter(|_| more > 0) else { return Ok(()) };
        let lately = invites::table
            .filter(invites::account_id.eq(account_id))
            .filter(invites::created_at.gt(now - WITHIN));
        let left = (most - lately.count().get_result::<i64>(conn).await?).max(0);
        match i64::try_from(more) {
            Ok(more) if more <= left => Ok(()),
            _ => Err(InviteCreateError::TooMany { most, left }),
        }
    }
}
