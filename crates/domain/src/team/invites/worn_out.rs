use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::sum, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;

use super::SENDS;
use crate::schema::invites;

/// The time within which invites to one address are counted together.
const WITHIN: TimeDelta = TimeDelta::days(1);

/// Those of these addresses to which the account had as many emails sent within a day as one invite may, by however many
/// invites. Otherwise whoever takes an invite back and makes it anew, or sends it again, could write to somebody without end.
/// Needs [`crate::team::grantor::lock`].
pub(super) async fn worn_out(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    emails: &[&str],
    now: DateTime<Utc>,
) -> QueryResult<HashSet<String>> {
    let found: Vec<String> = invites::table
        .filter(invites::account_id.eq(account_id))
        .filter(invites::email.eq_any(emails))
        .filter(invites::asked_at.gt(now - WITHIN))
        .group_by(invites::email)
        .having(sum(invites::send_count).ge(i64::from(SENDS)))
        .select(invites::email)
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}
