//! Programs.

mod enums;
mod inputs;
mod loader;
mod object;

use async_graphql::{Context, Object};
use domain::programs::{CreateError, Transition, TransitionError, UpdateError};
use ids::ProgramId;
pub use inputs::{ProgramCreateInput, ProgramFilter, ProgramUpdateInput};
pub(super) use loader::in_reach;
pub use object::Program;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    payload::payload,
};
use domain::{page::PageArgs, team::Permission as P};

connection!(
    /// Programs, newest first.
    ProgramConnection, ProgramEdge, Program, domain::programs::Program, |row| row.id
);

payload!(
    /// What a mutation of a program answers.
    ProgramPayload {
        /// The program as it is now; null when nothing was done.
        program: Program
    }
);

/// What can be asked about programs.
#[derive(Default)]
pub struct ProgramQuery;

#[Object]
impl ProgramQuery {
    /// The programs in reach, newest first.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which programs.")] filter: Option<ProgramFilter>,
    ) -> Result<ProgramConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::programs::Program::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::programs::Program::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(ProgramConnection::of(rows, page.after.is_none(), total))
    }

    /// The program of this id, or null.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] id: ProgramId,
    ) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done with programs.
#[derive(Default)]
pub struct ProgramMutation;

#[Object]
impl ProgramMutation {
    /// Creates a program as a draft. It records sales once terms are published and it is activated.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn program_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The program.")] input: ProgramCreateInput,
    ) -> Result<ProgramPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        ProgramPayload::of(
            domain::programs::Program::create(&mut conn, request.scope()?, &input.into(), &request.act).await,
        )
    }

    /// Changes settings of a program. Archived programs stay as they are.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn program_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] id: ProgramId,
        #[graphql(desc = "What changes.")] input: ProgramUpdateInput,
    ) -> Result<ProgramPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        ProgramPayload::of(
            domain::programs::Program::update(&mut conn, request.scope()?, id, &input.into(), &request.act)
                .await,
        )
    }

    /// Opens a draft or paused program. Needs published terms.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn program_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] id: ProgramId,
    ) -> Result<ProgramPayload, ApiError> {
        transition(ctx, id, Transition::Activate).await
    }

    /// Pauses an active program: it goes on recording and rewarding sales, and attributes nobody new.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn program_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] id: ProgramId,
    ) -> Result<ProgramPayload, ApiError> {
        transition(ctx, id, Transition::Pause).await
    }

    /// Closes a program for good: it refuses sales. What was earned stays and is released as promised.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn program_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] id: ProgramId,
    ) -> Result<ProgramPayload, ApiError> {
        transition(ctx, id, Transition::Archive).await
    }
}

async fn transition(
    ctx: &Context<'_>,
    id: ProgramId,
    transition: Transition,
) -> Result<ProgramPayload, ApiError> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await?;
    ProgramPayload::of(
        domain::programs::Program::transition(&mut conn, request.scope()?, id, transition, &request.act)
            .await,
    )
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::SlugTaken => slug_taken(),
            CreateError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            CreateError::Limited => Self::Api(ApiError::Forbidden(P::ProgramsWrite)),
            CreateError::Database(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Refusal {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NotFound => UserError::not_found("id", "program").into(),
            UpdateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpdateError::SlugTaken => slug_taken(),
            UpdateError::WrongState { current } => UserError::wrong_state("program", current).into(),
            UpdateError::OtherCurrency { program } => {
                let sentence = format!("The program is in {program}.");
                UserError::at(&["input", "rewardBudget", "currency"], UserErrorCode::Invalid, sentence).into()
            }
            UpdateError::FixedByTerms { field } => {
                let sentence = "This is fixed once terms are published.";
                UserError::at(&["input", field], UserErrorCode::WrongState, sentence).into()
            }
            UpdateError::ZoneFixedByPartners => {
                let sentence = "This is fixed once the program has a partner: its figures go by these days.";
                UserError::at(&["input", "timeZone"], UserErrorCode::WrongState, sentence).into()
            }
            UpdateError::Database(error) => error.into(),
        }
    }
}

impl From<TransitionError> for Refusal {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::NotFound => UserError::not_found("id", "program").into(),
            TransitionError::WrongState { current } => UserError::wrong_state("program", current).into(),
            TransitionError::NoPublishedTerms => {
                let sentence = "A program needs published terms before it is activated.";
                UserError::at(&["id"], UserErrorCode::WrongState, sentence).into()
            }
            TransitionError::Database(error) => error.into(),
        }
    }
}

fn slug_taken() -> Refusal {
    let sentence = "Another program of this account has this slug.";
    UserError::at(&["input", "slug"], UserErrorCode::Taken, sentence).into()
}
