//! Terms of programs.

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
use domain::{
    page::PageArgs,
    terms::{OperandKind, PublishError, PutDraftError, RuleFault, RuleProblem},
};
pub use enums::Rounding;
use ids::{ProgramId, TermsId};
pub use inputs::TermsInput;
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
    /// The versions of a program's terms, the highest number first; empty for a program that is not yours.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn terms_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<TermsConnection, ApiError> {
        let request = Request::of(ctx);
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::terms::Terms::list(&mut conn, request.scope()?, program_id, page).await?;
        let total = match connection::wants_total(ctx) {
            true => {
                Some(domain::terms::Terms::count(&mut conn, request.scope()?, program_id, COUNT_CAP).await?)
            }
            false => None,
        };
        Ok(TermsConnection::of(rows, page.after.is_none(), total))
    }
}

/// What can be done with terms.
#[derive(Default)]
pub struct TermsMutation;

#[Object]
impl TermsMutation {
    /// Stores the program's draft: replaces what it says, or makes it with the next number.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn terms_draft_put(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "What the draft says.")] input: TermsInput,
    ) -> Result<TermsPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let scope = request.scope()?;
        TermsPayload::of(
            domain::terms::Terms::put_draft(&mut conn, scope, program_id, &input.into(), &request.act).await,
        )
    }

    /// Publishes a draft. It never changes again: what is earned under it keeps it.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn terms_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`trm_...`")] id: TermsId,
        #[graphql(
            desc = "From when it is in force: now when left out. In the past only if no sale at or after it has \
                          been evaluated.",
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

impl From<PutDraftError> for Refusal {
    fn from(error: PutDraftError) -> Self {
        match error {
            PutDraftError::NotFound => UserError::not_found("programId", "program").into(),
            PutDraftError::Rules(problems) => Self::User(problems.iter().map(rule_error).collect()),
            PutDraftError::Days { field } => {
                UserError::at(&["input", field], UserErrorCode::Invalid, "This must be 0 to 3,650 days.")
                    .into()
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
