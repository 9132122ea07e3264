use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{EvaluationId, TermsId};
use money::Currency;
use serde::Deserialize;
use uuid::Uuid;

use super::{Finding, SHOWN};
use crate::{
    ledger::Owner,
    rewards::{
        EarnedReward, Facts, NonReward, Outcome, Reward, RewardStatus, RewardTrigger, StoredCounters,
        StoredEvaluation, evaluate,
    },
    schema::{evaluations, non_rewards, rewards, terms},
    terms::{Terms, TermsInForce},
};

/// Evaluations of one query: each has the lines of its sale, up to a megabyte or two.
const CHUNK: i64 = 200;

/// A sale or sign-up, and which of its evaluations.
type Key = (Uuid, i32);

/// What an event came to, in a form that two evaluations of it share.
#[derive(Debug, PartialEq, Eq)]
enum Result {
    Rewards(Vec<OneReward>),
    NonReward(&'static str),
    Nothing,
}

/// What is the same in a reward as it was made and as it is kept.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OneReward {
    rule: String,
    beneficiary: Owner,
    level: i32,
    amount: i64,
    currency: Currency,
    hold_until: DateTime<Utc>,
    terms: Option<TermsId>,
    under_review: bool,
}

/// V2: each event's rewards and reason are what the pure evaluator says of the facts and counters that its evaluation stored.
pub(super) async fn evaluations(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let mut finding = Finding {
        check: "V2",
        about: "rewards equal what the evaluator says of the stored facts",
        looked_at: 0,
        violations: Vec::new(),
    };
    let mut after: Option<EvaluationId> = None;
    loop {
        let mut query = evaluations::table.order(evaluations::id).limit(CHUNK).into_boxed();
        if let Some(after) = after {
            query = query.filter(evaluations::id.gt(after));
        }
        let stored: Vec<StoredEvaluation> = query.select(StoredEvaluation::as_select()).load(conn).await?;
        let Some(last) = stored.last() else { break };
        after = Some(last.id);
        let written = written(conn, &stored).await?;
        let versions = versions(conn, &stored).await?;
        for evaluation in &stored {
            finding.looked_at += 1;
            let said = again(evaluation, &versions);
            let is = written.get(&(evaluation.source, evaluation.number)).unwrap_or(&Result::Nothing);
            if said.as_ref().ok() != Some(is)
                && finding.violations.len() < usize::try_from(SHOWN).unwrap_or(0)
            {
                let line = format!("{}: written {is:?}, evaluated again {said:?}", evaluation.source);
                finding.violations.push(line);
            }
        }
    }
    finding.violations.extend(orphans(conn).await?);
    Ok(finding)
}

fn again(
    stored: &StoredEvaluation,
    versions: &HashMap<TermsId, TermsInForce>,
) -> std::result::Result<Result, String> {
    let unreadable = |error: serde_json::Error| error.to_string();
    let facts = Facts::deserialize(&stored.facts).map_err(unreadable)?;
    let counters =
        stored.counters.as_ref().map(StoredCounters::deserialize).transpose().map_err(unreadable)?;
    let terms = match stored.terms_id {
        Some(id) => Some(versions.get(&id).ok_or("its terms cannot be read")?),
        None => None,
    };
    let evaluation =
        evaluate(&facts, terms, &counters.unwrap_or_default()).map_err(|error| error.to_string())?;
    Ok(match evaluation.outcome {
        Outcome::NonReward(reason) => Result::NonReward(reason.as_str()),
        Outcome::NotAsked => Result::Nothing,
        Outcome::Rewards(earned) => {
            let one = |earned: EarnedReward| OneReward {
                rule: earned.rule.to_string(),
                beneficiary: earned.beneficiary,
                level: earned.level.into(),
                amount: earned.amount,
                currency: earned.currency,
                hold_until: earned.hold_until,
                terms: stored.terms_id,
                under_review: earned.pending_review,
            };
            let mut earned: Vec<_> = earned.into_iter().map(one).collect();
            earned.sort();
            Result::Rewards(earned)
        }
    })
}

async fn versions(
    conn: &mut AsyncPgConnection,
    stored: &[StoredEvaluation],
) -> QueryResult<HashMap<TermsId, TermsInForce>> {
    let ids: Vec<TermsId> = stored.iter().filter_map(|evaluation| evaluation.terms_id).collect();
    let rows: Vec<Terms> =
        terms::table.filter(terms::id.eq_any(ids)).select(Terms::as_select()).load(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.in_force().ok()??))).collect())
}

async fn written(
    conn: &mut AsyncPgConnection,
    stored: &[StoredEvaluation],
) -> QueryResult<HashMap<Key, Result>> {
    let sources: Vec<Uuid> = stored.iter().map(|evaluation| evaluation.source).collect();
    let rows: Vec<Reward> = rewards::table
        .filter(rewards::source.eq_any(&sources))
        .filter(rewards::trigger.ne_all([RewardTrigger::Milestone, RewardTrigger::Manual]))
        .select(Reward::as_select())
        .load(conn)
        .await?;
    let reasons: Vec<NonReward> = non_rewards::table
        .filter(non_rewards::source.eq_any(&sources))
        .select(NonReward::as_select())
        .load(conn)
        .await?;
    let reason = |row: NonReward| ((row.source, row.evaluation), Result::NonReward(row.reason.as_str()));
    let mut written: HashMap<Key, Result> = reasons.into_iter().map(reason).collect();
    for row in rows {
        let rewards =
            written.entry((row.source, row.evaluation)).or_insert_with(|| Result::Rewards(Vec::new()));
        match rewards {
            Result::Rewards(rewards) => rewards.extend(one_reward(row)),
            // Rewards beside a reason why there are none: neither is what the evaluator says.
            Result::NonReward(_) | Result::Nothing => {
                *rewards = Result::NonReward("rewarded and not rewarded")
            }
        }
    }
    // Not by the database, whose collation may order the ids of rules otherwise.
    for result in written.values_mut() {
        if let Result::Rewards(rewards) = result {
            rewards.sort();
        }
    }
    Ok(written)
}

fn one_reward(row: Reward) -> Option<OneReward> {
    // A review that has ended is no longer in the status; that there was one is in the trace.
    let trace = row.trace().ok()??;
    let is_reviewed = !trace.reviews.is_empty()
        || trace.rules.iter().any(|rule| rule.applied().is_some_and(|applied| applied.review.is_some()));
    Some(OneReward {
        beneficiary: row.owner().ok()?,
        rule: row.rule?,
        level: row.level,
        amount: row.amount,
        currency: row.currency,
        hold_until: row.hold_until,
        terms: row.terms_id,
        under_review: row.status == RewardStatus::PendingReview || is_reviewed,
    })
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    what: String,
}

/// Rewards and reasons of events that were never evaluated.
async fn orphans(conn: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
    let rows: Vec<Orphan> = diesel::sql_query(
        "SELECT format('reward %s of %s without an evaluation', r.id, r.source) AS what FROM rewards r \
         WHERE r.trigger IN ('SALE', 'SIGNUP') AND NOT EXISTS (SELECT FROM evaluations e WHERE e.source = r.source \
         AND e.number = r.evaluation) \
         UNION ALL \
         SELECT format('reason %s of %s without an evaluation', n.id, n.source) FROM non_rewards n \
         WHERE NOT EXISTS (SELECT FROM evaluations e WHERE e.source = n.source AND e.number = n.evaluation) LIMIT $1",
    )
    .bind::<BigInt, _>(SHOWN)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.what).collect())
}

#[derive(QueryableByName)]
struct Unanswered {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Text)]
    what: String,
}

/// V3: every sale is rewarded or carries a reason within 60 s.
pub(super) async fn unanswered(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<Finding> {
    let rows: Vec<Unanswered> = diesel::sql_query(
        "SELECT count(*) AS count, format('%s sales of program %s without an answer, the oldest of %s', count(*), \
         t.program_id, min(t.created_at)) AS what FROM transactions t \
         LEFT JOIN evaluations e ON e.account_id = t.account_id AND e.transaction_id = t.id \
         WHERE e.id IS NULL AND t.created_at < $1 GROUP BY t.program_id",
    )
    .bind::<Timestamptz, _>(now - TimeDelta::seconds(60))
    .load(conn)
    .await?;
    Ok(Finding {
        check: "V3",
        about: "every sale is rewarded or carries a reason within 60 s",
        looked_at: rows.iter().map(|row| row.count).sum(),
        violations: rows.into_iter().map(|row| row.what).collect(),
    })
}
