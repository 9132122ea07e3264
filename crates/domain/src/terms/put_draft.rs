use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{ProgramId, TermsId};
use money::Rounding;

use super::{RuleProblem, SelfReferral, Terms, parse_rules};
use crate::{
    act::Act,
    audit,
    programs::{Program, ProgramStatus},
    schema::terms,
    scope::AccountScope,
};

/// The most days of a hold or an age.
const MOST_DAYS: i32 = 3650;

/// What a draft says.
#[derive(Debug, Clone)]
pub struct DraftTerms {
    /// A JSON list of rules, in the vocabulary of rewards.md.
    pub rules: serde_json::Value,
    /// 0 to 3,650 days of 24 h.
    pub hold_days: i32,
    /// How amounts are rounded.
    pub rounding: Rounding,
    /// What becomes of self-referred sales.
    pub self_referral: SelfReferral,
    /// 0 to 3,650 days; no limit if absent.
    pub rate_max_age_days: Option<i32>,
}

/// Why the draft was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PutDraftError {
    /// No such program in reach.
    #[error("no such program")]
    NotFound,
    /// Everything that is wrong with the rules.
    #[error("invalid rules")]
    Rules(Vec<RuleProblem>),
    /// A number of days that is out of range.
    #[error("{field} is out of range")]
    Days {
        /// The GraphQL name of the field.
        field: &'static str,
    },
    /// Archived programs stay as they are.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl DraftTerms {
    fn check_days(&self) -> Result<(), PutDraftError> {
        let in_range = |days: i32| (0..=MOST_DAYS).contains(&days);
        if !in_range(self.hold_days) {
            return Err(PutDraftError::Days { field: "holdDays" });
        }
        if !self.rate_max_age_days.is_none_or(in_range) {
            return Err(PutDraftError::Days { field: "rateMaxAgeDays" });
        }
        Ok(())
    }
}

impl Terms {
    /// Stores the program's one draft: replaces what it says, or makes it with the next number.
    ///
    /// # Errors
    /// [`PutDraftError`].
    pub async fn put_draft(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        draft: &DraftTerms,
        act: &Act,
    ) -> Result<Self, PutDraftError> {
        draft.check_days()?;
        let rules = parse_rules(&draft.rules).map_err(PutDraftError::Rules)?;
        let rules = serde_json::to_value(rules).unwrap_or_else(|_| draft.rules.clone());
        conn.transaction(async |conn| {
            let program =
                Program::find_locked(conn, scope, program_id).await?.ok_or(PutDraftError::NotFound)?;
            if program.status == ProgramStatus::Archived {
                return Err(PutDraftError::WrongState { current: program.status });
            }
            let before = last_version(conn, &program).await?;
            let after = match &before {
                Some(before) if !before.is_published() => {
                    replace(conn, before.id, draft, &rules, act).await?
                }
                _ => {
                    insert(conn, &program, before.map_or(1, |last| last.number + 1), draft, &rules, act)
                        .await?
                }
            };
            audit::record(conn, act, after.account_id, "termsDraftPut", after.id, (None, Some(&after)))
                .await?;
            Ok(after)
        })
        .await
    }
}

async fn last_version(conn: &mut AsyncPgConnection, program: &Program) -> QueryResult<Option<Terms>> {
    terms::table
        .filter(terms::account_id.eq(program.account_id))
        .filter(terms::program_id.eq(program.id))
        .order(terms::number.desc())
        .select(Terms::as_select())
        .first(conn)
        .await
        .optional()
}

async fn replace(
    conn: &mut AsyncPgConnection,
    id: TermsId,
    draft: &DraftTerms,
    rules: &serde_json::Value,
    act: &Act,
) -> QueryResult<Terms> {
    diesel::update(terms::table.find(id))
        .set((
            terms::rules.eq(rules),
            terms::hold_days.eq(draft.hold_days),
            terms::rounding.eq(draft.rounding),
            terms::self_referral.eq(draft.self_referral),
            terms::rate_max_age_days.eq(draft.rate_max_age_days),
            terms::updated_at.eq(act.now),
        ))
        .returning(Terms::as_returning())
        .get_result(conn)
        .await
}

async fn insert(
    conn: &mut AsyncPgConnection,
    program: &Program,
    number: i32,
    draft: &DraftTerms,
    rules: &serde_json::Value,
    act: &Act,
) -> QueryResult<Terms> {
    diesel::insert_into(terms::table)
        .values((
            terms::id.eq(act.ids.next::<TermsId>(act.now)),
            terms::account_id.eq(program.account_id),
            terms::program_id.eq(program.id),
            terms::number.eq(number),
            terms::rules.eq(rules),
            terms::hold_days.eq(draft.hold_days),
            terms::rounding.eq(draft.rounding),
            terms::self_referral.eq(draft.self_referral),
            terms::rate_max_age_days.eq(draft.rate_max_age_days),
            terms::created_at.eq(act.now),
            terms::updated_at.eq(act.now),
        ))
        .returning(Terms::as_returning())
        .get_result(conn)
        .await
}
