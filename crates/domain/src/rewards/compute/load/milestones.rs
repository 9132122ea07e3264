//! The milestones of a batch's partners: which steps are paid, and those that an adjustment of the batch may undo.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{Array, Bool, Numeric, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::PartnerId;
use money::Threshold;

use crate::{
    prepared::Prepare,
    programs::Program,
    rewards::{Book, Reward},
    schema::rewards,
    terms::{RuleId, Trigger},
};

#[derive(QueryableByName)]
struct PaidStep {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = SqlUuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = Numeric)]
    step: Threshold,
}

/// Of a partner there may be thousands: the index has all that is asked for. Its predicate stands here as words, since a
/// plan for any parameters could not use it.
const PAID: &str = "\
    SELECT rule, partner_id, step FROM rewards WHERE account_id = $1 AND rule = ANY ($2) AND partner_id = ANY ($3) \
    AND trigger = 'MILESTONE' AND (net <> 0 OR status = 'REJECTED')";

/// Tells the book which steps these partners were paid, and answers whether some version has milestones at all.
pub(super) async fn paid(
    conn: &mut AsyncPgConnection,
    program: &Program,
    partners: &[PartnerId],
    book: &mut Book<'_>,
) -> QueryResult<bool> {
    let rules = book.versions().iter().flat_map(|version| &version.rules);
    let rules: Vec<String> =
        rules.filter(|rule| rule.trigger == Trigger::Milestone).map(|rule| rule.id.to_string()).collect();
    if rules.is_empty() {
        return Ok(false);
    }
    let steps: Vec<PaidStep> = sql_query(PAID)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<Text>, _>(rules)
        .bind::<Array<SqlUuid>, _>(partners)
        .prepared()
        .load(conn)
        .await?;
    for PaidStep { rule, partner_id, step } in steps {
        let rule: RuleId = rule.parse().map_err(|error| {
            diesel::result::Error::DeserializationError(Box::<dyn std::error::Error + Send + Sync>::from(
                error,
            ))
        })?;
        book.knows_paid_step((rule, partner_id, step));
    }
    Ok(true)
}

/// The milestones of these partners that an adjustment of that time, or a later one, may undo: that stand, and whose hold
/// ends after it.
pub(super) async fn undoable(
    conn: &mut AsyncPgConnection,
    program: &Program,
    partners: &[PartnerId],
    earliest: DateTime<Utc>,
) -> QueryResult<Vec<Reward>> {
    rewards::table
        .filter(rewards::account_id.eq(program.account_id))
        .filter(rewards::partner_id.eq_any(partners))
        .filter(sql::<Bool>("trigger = 'MILESTONE' AND (net <> 0 OR status = 'REJECTED')"))
        .filter(rewards::hold_until.gt(earliest))
        .order(rewards::id)
        .select(Reward::as_select())
        .load(conn)
        .await
}
