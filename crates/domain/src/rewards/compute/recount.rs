use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{ProgramId, TermsId, TypedId};
use money::Ratio;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{load, tracked};
use crate::{
    act::Act,
    audit,
    ledger::Owner,
    programs::{Cursor, Program},
    rewards::{Counted, Span, Tally, Tracked, Within},
    schema::programs,
    terms::{Period, Terms},
};

/// The counters that are written, a line each.
const WRITTEN: &str = "\
    SELECT concat_ws(' ', 'tally', partner_id, period, to_char(start, 'YYYY-MM-DD'), signups, sales, customers, revenue) AS line FROM reward_tallies \
        WHERE account_id = $1 AND program_id = $2 \
    UNION ALL SELECT concat_ws(' ', 'live', customer_id, partner_id, period, to_char(start, 'YYYY-MM-DD'), sales) FROM reward_live_sales \
        WHERE account_id = $1 AND program_id = $2 AND sales <> 0 \
    UNION ALL SELECT concat_ws(' ', 'spent', rule, beneficiary, customer, period, to_char(start, 'YYYY-MM-DD'), currency, net) FROM reward_spending \
        WHERE account_id = $1 AND program_id = $2 AND net <> 0 \
    UNION ALL SELECT concat_ws(' ', 'budget', budget_spent) FROM reward_cursors WHERE account_id = $1 AND program_id = $2";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Counts a program's history again, and names the counters that are not what is written: how many there are, and the first
/// differences. The caller's transaction sees one state of the database.
///
/// # Errors
/// The database's.
pub async fn recount(
    conn: &mut AsyncPgConnection,
    (program, cursor): (&Program, &Cursor),
    shown: usize,
) -> QueryResult<(usize, Vec<String>)> {
    // Of a program whose rules ask for nothing the budget alone is counted.
    let Ok(tracked) = cursor.tracked.as_ref().map_or(Ok(Tracked::default()), Tracked::deserialize) else {
        return Ok((0, vec![format!("what {} tracks cannot be read", program.id)]));
    };
    let versions = Terms::published(conn, program.account_id, &[program.id]).await?;
    let numbers: HashMap<TermsId, i32> =
        versions.iter().map(|version| (version.id, version.number)).collect();
    let counted = match tracked::count(conn, program, tracked, &numbers).await? {
        Ok(counted) => counted,
        Err(why) => return Ok((0, vec![format!("{} cannot be counted: {why}", program.id)])),
    };
    let mut counted: HashSet<String> = lines(&counted).collect();
    let size = counted.len();
    let written: Vec<Line> = sql_query(WRITTEN)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<SqlUuid, _>(program.id)
        .load(conn)
        .await?;
    let nothing = format!(" 0 0 0 {}", Ratio::zero().to_fraction_string());
    let mut differences = Vec::new();
    for Line { line } in written {
        if !counted.remove(&line) && !line.ends_with(&nothing) && differences.len() < shown {
            differences.push(format!("{} has written, and nobody counts: {line}", program.id));
        }
    }
    let missing = counted.into_iter().map(|line| format!("{} has not written: {line}", program.id));
    let room = shown.saturating_sub(differences.len());
    differences.extend(missing.take(room));
    Ok((size, differences))
}

/// Why a program's history was not counted anew.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// No such program.
    #[error("no such program")]
    NotFound,
    /// Something of its history or terms cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spent {
    budget_spent: i64,
}

/// Counts a program's history anew, and writes that in the place of its counters: the mend of what [`recount`] finds. No reward
/// changes; those that are still to come look back on the right numbers.
///
/// # Errors
/// [`CountError`].
pub async fn count_anew(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    act: &Act,
) -> Result<(), CountError> {
    conn.transaction(async |conn| {
        let cursor = Cursor::lock(conn, program_id).await.optional()?.ok_or(CountError::NotFound)?;
        let program: Program =
            programs::table.find(program_id).select(Program::as_select()).first(conn).await?;
        let versions = Terms::published(conn, program.account_id, &[program_id]).await?;
        let numbers = versions.iter().map(|version| (version.id, version.number)).collect();
        let in_force = load::in_force(&versions).map_err(CountError::Unreadable)?;
        let spent = tracked::renew(conn, &program, &in_force, &numbers).await?;
        let after = Spent { budget_spent: spent.map_err(CountError::Unreadable)? };
        let before = Spent { budget_spent: cursor.budget_spent };
        cursor.spend(conn, after.budget_spent - before.budget_spent).await?;
        let change = (Some(&before), Some(&after));
        audit::record(conn, act, program.account_id, "rewardsCountAnew", program_id, change).await?;
        Ok(())
    })
    .await
}

/// Counters that are not nothing, as [`WRITTEN`] tells them.
fn lines(counted: &Counted) -> impl Iterator<Item = String> {
    let some = |tally: &Tally| *tally != Tally::default();
    let tallies =
        counted.tallies.iter().filter(move |(_, tally)| some(tally)).map(|((partner, span), tally)| {
            let Tally { signups, sales, customers, revenue } = tally;
            let (partner, span, revenue) = (partner.uuid(), words(*span), revenue.to_fraction_string());
            format!("tally {partner} {span} {signups} {sales} {customers} {revenue}")
        });
    let live = counted.live.iter().filter(|(_, sales)| **sales != 0);
    let live = live.map(|((customer, partner, span), sales)| {
        format!("live {} {} {} {sales}", customer.uuid(), partner.uuid(), words(*span))
    });
    let spent = counted.spent.iter().filter(|(_, net)| **net != 0).map(|(key, net)| {
        let beneficiary = match key.beneficiary {
            Owner::Partner(id) => id.uuid(),
            Owner::Customer(id) => id.uuid(),
        };
        let (customer, span) = match key.within {
            Within::Customer(id) => (id.uuid(), Span::around(Period::All, chrono::NaiveDate::MIN)),
            Within::Span(span) => (Uuid::nil(), span),
        };
        format!("spent {} {beneficiary} {customer} {} {} {net}", key.rule, words(span), key.currency)
    });
    let budget = std::iter::once(format!("budget {}", counted.budget_spent));
    tallies.chain(live).chain(spent).chain(budget)
}

fn words(span: Span) -> String {
    format!("{} {}", span.period.as_str(), span.start)
}
