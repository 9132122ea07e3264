//! Terms of programs.

mod diff;
mod enums;
mod inputs;
mod loader;
mod object;
mod parts_input;
mod parts_object;
mod rule_input;
mod rule_object;
mod words;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use diff::TermsDiff;
use domain::{
    page::PageArgs,
    terms::{DeleteDraftError, OperandKind, PublishError, PutDraftError, RuleFault, RuleProblem, TermsFor},
};
pub use enums::Rounding;
use ids::{GroupId, PartnerId, ProgramId, TermsId};
pub use inputs::{TermsFilter, TermsInput};
pub use loader::{DraftOf, InForceOf};
pub use object::Terms;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
    years::CommonYears,
};

load_by_id!(TermsId => Terms of domain::terms::Terms);

connection!(
    /// Versions of a program's terms, the highest number first.
    TermsConnection, TermsEdge, Terms, domain::terms::Terms, |row| row.number
);

payload!(
    /// What a mutation of terms answers.
    TermsPayload {
        /// The version as it is now; null when nothing was done.
        terms: Terms
    }
);

/// What can be asked about terms.
#[derive(Default)]
pub struct TermsQuery;

#[Object]
impl TermsQuery {
    /// The versions of a program's terms with their overrides, the highest number first; empty for a program that is not
    /// yours.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "Which of them; all when left out.")] filter: Option<TermsFilter>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<TermsConnection, ApiError> {
        let request = Request::of(ctx);
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let (mut conn, scope) = (request.conn().await?, request.scope()?);
        let filter = filter.unwrap_or_default().into();
        let rows = domain::terms::Terms::list(&mut conn, scope, program_id, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => {
                Some(domain::terms::Terms::count(&mut conn, scope, program_id, &filter, COUNT_CAP).await?)
            }
            false => None,
        };
        Ok(TermsConnection::of(rows, page.after.is_none(), total))
    }

    /// What changes from one version to another of the same program, in structure and in words; null when one of them is not
    /// yours or they are of different programs.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms_diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier version, `trm_...`.")] from: TermsId,
        #[graphql(desc = "The version that takes its place, `trm_...`.")] to: TermsId,
    ) -> Result<Option<TermsDiff>, ApiError> {
        TermsDiff::between(ctx, from, to).await
    }
}

/// What can be done with terms.
#[derive(Default)]
pub struct TermsMutation;

#[Object]
impl TermsMutation {
    /// Stores a draft: replaces what it says, or makes it with the program's next number. There is one draft for everybody,
    /// one for each group and one for each partner. What is published for a partner counts for them instead of their group's,
    /// and that instead of everybody's, as a whole: its rules are not added to the others. What is published for a group or a
    /// partner cannot be taken back: to end it, publish for them what holds for everybody.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn terms_draft_put(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "The group of the program that it is an override for, `grp_...`.")] group_id: Option<
            GroupId,
        >,
        #[graphql(
            desc = "The partner of the program whom it is an override for, `prt_...`; not beside `groupId`."
        )]
        partner_id: Option<PartnerId>,
        #[graphql(desc = "What the draft says.")] input: TermsInput,
    ) -> Result<TermsPayload, ApiError> {
        let request = Request::of(ctx);
        let whose = match (group_id, partner_id) {
            (None, None) => TermsFor::Everybody,
            (Some(group), None) => TermsFor::Group(group),
            (None, Some(partner)) => TermsFor::Partner(partner),
            (Some(_), Some(_)) => return TermsPayload::of::<domain::terms::Terms, _>(Err(TwoOverrides)),
        };
        let (mut conn, scope) = (request.conn().await?, request.scope()?);
        TermsPayload::of(
            domain::terms::Terms::put_draft(&mut conn, scope, program_id, &input.draft(whose), &request.act)
                .await,
        )
    }

    /// Deletes a draft, and answers with what it was. What is published stays.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn terms_draft_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`trm_...`")] id: TermsId,
    ) -> Result<TermsPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        TermsPayload::of(
            domain::terms::Terms::delete_draft(&mut conn, request.scope()?, id, &request.act).await,
        )
    }

    /// Publishes a draft. It never changes again: what is earned under it keeps it.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn terms_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`trm_...`")] id: TermsId,
        #[graphql(
            desc = "From when it is in force: now when left out. It must be after the time of every sale and sign-up that was \
                    evaluated, whenever that is: events may be recorded up to 24 h ahead of their time.",
            validator(custom = "CommonYears")
        )]
        effective_from: Option<DateTime<Utc>>,
    ) -> Result<TermsPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        TermsPayload::of(
            domain::terms::Terms::publish(&mut conn, request.scope()?, id, effective_from, &request.act)
                .await,
        )
    }
}

/// A draft for a group and for a partner at once.
struct TwoOverrides;

impl From<TwoOverrides> for Refusal {
    fn from(TwoOverrides: TwoOverrides) -> Self {
        UserError::at(&["partnerId"], UserErrorCode::Invalid, "Say a group or a partner, not both.").into()
    }
}

impl From<PutDraftError> for Refusal {
    fn from(error: PutDraftError) -> Self {
        match error {
            PutDraftError::NotFound => UserError::not_found("programId", "program").into(),
            PutDraftError::Rules(problems) => Self::User(problems.iter().map(rule_error).collect()),
            PutDraftError::GroupNotFound => UserError::not_found("groupId", "group").into(),
            PutDraftError::PartnerNotFound => UserError::not_found("partnerId", "partner").into(),
            PutDraftError::OutOfRange { field, bounds } => {
                let sentence = format!("This must be {bounds}.");
                UserError::at(&["input", field], UserErrorCode::Invalid, sentence).into()
            }
            PutDraftError::WrongState { current } => UserError::wrong_state("program", current).into(),
            PutDraftError::Database(error) => error.into(),
        }
    }
}

fn rule_error(problem: &RuleProblem) -> UserError {
    let mut path = vec!["input"];
    path.extend(problem.path.iter().map(String::as_str));
    if let RuleFault::Operand { kind, .. } = problem.fault {
        path.pop();
        path.push(match kind {
            OperandKind::List => "values",
            OperandKind::Amount => "amount",
            OperandKind::Time => "at",
        });
    }
    let code = match problem.fault {
        RuleFault::Missing => UserErrorCode::Required,
        RuleFault::DuplicateId { .. } => UserErrorCode::Taken,
        RuleFault::TooMany { .. } => UserErrorCode::LimitExceeded,
        _ => UserErrorCode::Invalid,
    };
    UserError::at(&path, code, format!("This {}.", problem.fault))
}

impl From<DeleteDraftError> for Refusal {
    fn from(error: DeleteDraftError) -> Self {
        match error {
            DeleteDraftError::NotFound => UserError::not_found("id", "terms").into(),
            DeleteDraftError::Published => UserError::wrong_state("version", "PUBLISHED").into(),
            DeleteDraftError::Database(error) => error.into(),
        }
    }
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::NotFound => UserError::not_found("id", "terms").into(),
            PublishError::AlreadyPublished => UserError::wrong_state("version", "PUBLISHED").into(),
            PublishError::WrongState { current } => UserError::wrong_state("program", current).into(),
            PublishError::AlreadyEvaluated { latest } => {
                let sentence =
                    format!("Sales up to {} are evaluated: choose a later instant.", latest.to_rfc3339());
                UserError::at(&["effectiveFrom"], UserErrorCode::Invalid, sentence).into()
            }
            PublishError::Database(error) => error.into(),
        }
    }
}
