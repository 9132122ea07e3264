use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    dsl::sql,
    expression::SqlLiteral,
    prelude::*,
    sql_types::{Array, Uuid},
};
use ids::{AccountId, InviteId, ProgramId};
use serde::Serialize;

use crate::{schema::invites, scope::AccountScope, team::Role, text_enum};

/// How long a link works.
pub(super) const VALID: TimeDelta = TimeDelta::days(7);

text_enum! {
    /// Where an invite stands.
    InviteStatus {
        /// Waits to be accepted.
        Pending = "PENDING",
        /// Somebody joined by it.
        Accepted = "ACCEPTED",
        /// Taken back.
        Revoked = "REVOKED",
        /// Not accepted in time; sending it again makes it pending.
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// What became of an invite's latest email.
    InviteDelivery {
        /// To be sent, perhaps again.
        Queued = "QUEUED",
        /// Taken by the mail server.
        Sent = "SENT",
        /// Refused by the mail server for good.
        Bounced = "BOUNCED",
        /// Its attempts are used up.
        Failed = "FAILED",
    }
}

/// Somebody who was asked to join the team.
#[derive(Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = invites)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// The tenant.
    pub account_id: AccountId,
    /// Where it goes, in lower case. Stays out of audit trail, events and logs.
    #[serde(skip)]
    pub email: String,
    /// What whoever accepts may do.
    pub role: Role,
    /// The programs that they will be limited to; empty means all.
    #[diesel(select_expression = program_ids(), select_expression_type = SqlLiteral<Array<Uuid>>)]
    pub programs: Vec<ProgramId>,
    /// What the inviter says.
    #[serde(skip)]
    pub message: Option<String>,
    /// Where it stands. One whose time has passed may be pending for a minute more; nobody can accept it.
    pub status: InviteStatus,
    /// How many links were made for it; the link's token is derived from it.
    pub rotation: i32,
    /// Who answers for it, as [`Actor`](crate::act::Actor) prints: the inviter, or whoever sent it again last.
    pub invited_by: String,
    /// How often its email was asked for.
    pub send_count: i32,
    /// When its email was asked for the last time.
    pub asked_at: DateTime<Utc>,
    /// What became of the latest email.
    pub delivery: InviteDelivery,
    /// Why it was not sent, the last time; without the address.
    pub delivery_error: Option<String>,
    /// When the mail server took one the last time.
    pub last_sent_at: Option<DateTime<Utc>>,
    /// From when on the link no longer works.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

fn program_ids() -> SqlLiteral<Array<Uuid>> {
    sql("ARRAY(SELECT p.program_id FROM invite_programs p \
         WHERE p.account_id = invites.account_id AND p.invite_id = invites.id ORDER BY p.program_id)")
}

impl Invite {
    /// What whoever accepts will reach.
    pub fn scope(&self) -> AccountScope {
        AccountScope::limited(self.account_id, self.programs.clone())
    }

    /// Where it stands at `now`: expired from the very instant, whether anybody has written it down or not.
    pub fn standing(&self, now: DateTime<Utc>) -> InviteStatus {
        match self.status {
            InviteStatus::Pending if self.expires_at <= now => InviteStatus::Expired,
            status => status,
        }
    }

    /// The dedupe key of the email that carries the link number `rotation`.
    pub fn email_key(id: InviteId, rotation: i32) -> String {
        format!("invite:{id}:{rotation}")
    }

    /// The number of the link that the email with this dedupe key carries.
    pub(super) fn rotation_of(email_key: &str) -> Option<i32> {
        email_key.rsplit_once(':')?.1.parse().ok()
    }
}

/// Ids and state only: an address in a log is a leak.
impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}
