use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{ProgramId, TermsId};
use money::Rounding;

use super::{
    RewardCurrency, RuleProblem, SelfReferral, Terms, TermsFor, named_groups::name_groups, parse_rules,
};
use crate::{
    act::Act,
    audit, db,
    groups::Group,
    programs::{Program, ProgramStatus},
    schema::terms,
    scope::AccountScope,
};

/// The most days of a hold or an age.
const MOST_DAYS: i32 = 3650;
/// Thirty days.
const MOST_MINUTES: i32 = 43_200;

/// What a draft says.
#[derive(Debug, Clone)]
pub struct DraftTerms {
    /// For whom it is: there is one draft for each.
    pub whose: TermsFor,
    /// A JSON list of rules, in the vocabulary of rewards.md. Conditions on groups name them by id or name; ids are stored.
    pub rules: serde_json::Value,
    /// 0 to 3,650 days of 24 h.
    pub hold_days: i32,
    /// How amounts are rounded.
    pub rounding: Rounding,
    /// What becomes of self-referred sales.
    pub self_referral: SelfReferral,
    /// 0 to 3,650 days; no limit if absent.
    pub rate_max_age_days: Option<i32>,
    /// What the rewards of percentages are counted in.
    pub reward_currency: RewardCurrency,
    /// 1 to 43,200; no like sale is looked for if absent.
    pub duplicate_sale_minutes: Option<i32>,
    /// Whether rewards for a customer whom the program had before are held for review.
    pub existing_customer_review: bool,
    /// Whether customers get what rules give to REFERRED also for events that are recorded while their partner is suspended.
    pub referred_while_suspended: bool,
}

/// Why the draft was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PutDraftError {
    /// No such program in reach.
    #[error("no such program")]
    NotFound,
    /// The program has no such group.
    #[error("no such group")]
    GroupNotFound,
    /// The program has no such partner.
    #[error("no such partner")]
    PartnerNotFound,
    /// Everything that is wrong with the rules.
    #[error("invalid rules")]
    Rules(Vec<RuleProblem>),
    /// A number that is out of range.
    #[error("{field} is out of range")]
    OutOfRange {
        /// The GraphQL name of the field.
        field: &'static str,
        /// The bounds, in words.
        bounds: &'static str,
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

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = terms, treat_none_as_null = true)]
struct Said {
    rules: serde_json::Value,
    hold_days: i32,
    rounding: Rounding,
    self_referral: SelfReferral,
    rate_max_age_days: Option<i32>,
    reward_currency: RewardCurrency,
    duplicate_sale_minutes: Option<i32>,
    existing_customer_review: bool,
    referred_while_suspended: bool,
    updated_at: DateTime<Utc>,
}

impl DraftTerms {
    fn check_ranges(&self) -> Result<(), PutDraftError> {
        let days = |days: i32| (0..=MOST_DAYS).contains(&days);
        let minutes = |minutes: i32| (1..=MOST_MINUTES).contains(&minutes);
        let (of_days, of_minutes) = ("0 to 3,650 days", "1 to 43,200 minutes");
        let checks = [
            ("holdDays", days(self.hold_days), of_days),
            ("rateMaxAgeDays", self.rate_max_age_days.is_none_or(days), of_days),
            ("duplicateSaleMinutes", self.duplicate_sale_minutes.is_none_or(minutes), of_minutes),
        ];
        match checks.into_iter().find(|(_, is_in_range, _)| !is_in_range) {
            Some((field, _, bounds)) => Err(PutDraftError::OutOfRange { field, bounds }),
            None => Ok(()),
        }
    }

    fn said(&self, rules: serde_json::Value, act: &Act) -> Said {
        Said {
            rules,
            hold_days: self.hold_days,
            rounding: self.rounding,
            self_referral: self.self_referral,
            rate_max_age_days: self.rate_max_age_days,
            reward_currency: self.reward_currency,
            duplicate_sale_minutes: self.duplicate_sale_minutes,
            existing_customer_review: self.existing_customer_review,
            referred_while_suspended: self.referred_while_suspended,
            updated_at: act.now,
        }
    }
}

impl Terms {
    /// Stores the one draft for whom it is: replaces what it says, or makes it with the program's next number.
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
        draft.check_ranges()?;
        let mut rules = parse_rules(&draft.rules).map_err(PutDraftError::Rules)?;
        let done = conn.transaction(async |conn| {
            let program =
                Program::find_locked(conn, scope, program_id).await?.ok_or(PutDraftError::NotFound)?;
            if program.status == ProgramStatus::Archived {
                return Err(PutDraftError::WrongState { current: program.status });
            }
            let groups = Group::of_programs(conn, scope, &[program_id]).await?;
            name_groups(&mut rules, &groups).map_err(PutDraftError::Rules)?;
            let rules = serde_json::to_value(&rules).unwrap_or_else(|_| draft.rules.clone());
            let said = draft.said(rules, act);
            let after = match draft_of(conn, &program, draft.whose).await? {
                Some(id) => {
                    let changed = diesel::update(terms::table.find(id)).set(&said);
                    changed.returning(Self::as_returning()).get_result(conn).await?
                }
                None => insert(conn, &program, draft.whose, &said, act).await?,
            };
            audit::record(conn, act, after.account_id, "termsDraftPut", after.id, (None, Some(&after)))
                .await?;
            Ok(after)
        });
        done.await.map_err(|error| match error {
            PutDraftError::Database(error) => match db::violated_constraint(&error) {
                Some("terms_group_fkey") => PutDraftError::GroupNotFound,
                Some("terms_partner_fkey") => PutDraftError::PartnerNotFound,
                _ => PutDraftError::Database(error),
            },
            other => other,
        })
    }
}

async fn draft_of(
    conn: &mut AsyncPgConnection,
    program: &Program,
    whose: TermsFor,
) -> QueryResult<Option<TermsId>> {
    terms::table
        .filter(terms::account_id.eq(program.account_id))
        .filter(terms::program_id.eq(program.id))
        .filter(terms::group_id.is_not_distinct_from(whose.group()))
        .filter(terms::partner_id.is_not_distinct_from(whose.partner()))
        .filter(terms::published_at.is_null())
        .select(terms::id)
        .first(conn)
        .await
        .optional()
}

/// Makes a draft with the next number: the program's row is held, so nobody else counts meanwhile.
async fn insert(
    conn: &mut AsyncPgConnection,
    program: &Program,
    whose: TermsFor,
    said: &Said,
    act: &Act,
) -> QueryResult<Terms> {
    let of_program = terms::table
        .filter(terms::account_id.eq(program.account_id))
        .filter(terms::program_id.eq(program.id));
    let last: Option<i32> = of_program.select(diesel::dsl::max(terms::number)).first(conn).await?;
    let made = (
        terms::id.eq(act.ids.next::<TermsId>(act.now)),
        terms::account_id.eq(program.account_id),
        terms::program_id.eq(program.id),
        terms::group_id.eq(whose.group()),
        terms::partner_id.eq(whose.partner()),
        terms::number.eq(last.map_or(1, |last| last + 1)),
        terms::created_at.eq(act.now),
        said,
    );
    diesel::insert_into(terms::table).values(made).returning(Terms::as_returning()).get_result(conn).await
}
