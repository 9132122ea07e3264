use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{EvaluationId, PartnerId, TermsId, TransactionId};
use money::Currency;
use serde::Deserialize;

use super::{Finding, SHOWN};
use crate::{
    rewards::{EarnedReward, NonReward, Outcome, Reward, SaleFacts, StoredEvaluation, evaluate},
    schema::{evaluations, non_rewards, rewards, terms},
    terms::{Terms, TermsInForce},
};

/// Evaluations of one query: each has the lines of its sale, up to a megabyte or two.
const CHUNK: i64 = 200;

/// What a sale came to, in a form that two evaluations of it share.
#[derive(Debug, PartialEq, Eq)]
enum Result {
    Rewards(Vec<OneReward>),
    NonReward(&'static str),
}

/// What is the same in a reward as it was made and as it is kept.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OneReward {
    rule: Option<String>,
    partner: Option<PartnerId>,
    level: i32,
    amount: i64,
    currency: Currency,
    hold_until: DateTime<Utc>,
    terms: Option<TermsId>,
    under_review: bool,
}

/// V2: each sale's rewards and reason are what the pure evaluator says of the facts that its evaluation stored.
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
            let is = written.get(&evaluation.transaction_id);
            if said.as_ref().ok() != is && finding.violations.len() < usize::try_from(SHOWN).unwrap_or(0) {
                let line = format!("{}: written {is:?}, evaluated again {said:?}", evaluation.transaction_id);
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
    let facts = SaleFacts::<PartnerId>::deserialize(&stored.facts).map_err(|error| error.to_string())?;
    let terms = match stored.terms_id {
        Some(id) => Some(versions.get(&id).ok_or("its terms cannot be read")?),
        None => None,
    };
    let evaluation = evaluate(&facts, terms).map_err(|error| error.to_string())?;
    Ok(match evaluation.outcome {
        Outcome::NonReward(reason) => Result::NonReward(reason.as_str()),
        Outcome::Rewards(earned) => {
            let one = |earned: EarnedReward<PartnerId>| OneReward {
                rule: Some(earned.rule.to_string()),
                partner: Some(earned.beneficiary),
                level: earned.level,
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
) -> QueryResult<HashMap<TransactionId, Result>> {
    let sales: Vec<TransactionId> = stored.iter().map(|evaluation| evaluation.transaction_id).collect();
    let rows: Vec<Reward> = rewards::table
        .filter(rewards::transaction_id.eq_any(&sales))
        .select(Reward::as_select())
        .load(conn)
        .await?;
    let reasons: Vec<NonReward> = non_rewards::table
        .filter(non_rewards::transaction_id.eq_any(&sales))
        .select(NonReward::as_select())
        .load(conn)
        .await?;
    let mut written: HashMap<TransactionId, Result> =
        reasons.into_iter().map(|row| (row.transaction_id, Result::NonReward(row.reason.as_str()))).collect();
    for row in rows {
        let Some(sale) = row.transaction_id else { continue };
        let rewards = written.entry(sale).or_insert_with(|| Result::Rewards(Vec::new()));
        match rewards {
            Result::Rewards(rewards) => rewards.push(OneReward::from(row)),
            // Rewards beside a reason why there are none: neither is what the evaluator says.
            Result::NonReward(_) => *rewards = Result::NonReward("rewarded and not rewarded"),
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

impl From<Reward> for OneReward {
    fn from(row: Reward) -> Self {
        // A review that has ended is no longer in the status; that there was one is in the trace.
        let reviewed = row.trace.get("underReview").and_then(serde_json::Value::as_bool);
        Self {
            rule: row.rule,
            partner: row.partner_id,
            level: row.level,
            amount: row.amount,
            currency: row.currency,
            hold_until: row.hold_until,
            terms: row.terms_id,
            under_review: row.under_review || reviewed == Some(true),
        }
    }
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    what: String,
}

/// Rewards and reasons of sales that were never evaluated.
async fn orphans(conn: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
    let rows: Vec<Orphan> = diesel::sql_query(
        "SELECT format('reward %s of %s without an evaluation', r.id, r.transaction_id) AS what FROM rewards r \
         WHERE r.transaction_id IS NOT NULL AND NOT EXISTS (SELECT FROM evaluations e WHERE e.account_id = r.account_id \
         AND e.transaction_id = r.transaction_id) \
         UNION ALL \
         SELECT format('reason %s of %s without an evaluation', n.id, n.transaction_id) FROM non_rewards n \
         WHERE NOT EXISTS (SELECT FROM evaluations e WHERE e.account_id = n.account_id \
         AND e.transaction_id = n.transaction_id) LIMIT $1",
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
