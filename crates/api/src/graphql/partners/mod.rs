//! Partners.

mod enums;
mod inputs;
mod object;

use async_graphql::{Context, Object};
use domain::{
    page::PageArgs,
    partners::{CreateError, PartnerProfile, Transition, TransitionError, UpdateError, UplineProblem},
    team::Permission as P,
    text::TextProblem,
};
pub use enums::{PartnerAction, PartnerStatus};
use ids::{PartnerId, PartnerProfileId, ProgramId};
pub use inputs::{PartnerApplyInput, PartnerCreateInput, PartnerFilter, PartnerUpdateInput};
pub use object::Partner;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(PartnerId => Partner of domain::partners::Partner);
load_by_id!(PartnerProfileId => PartnerProfile of PartnerProfile);

connection!(
    /// Partners, newest first.
    PartnerConnection, PartnerEdge, Partner, domain::partners::Partner, |row| row.id
);

payload!(
    /// What a mutation of a partner answers.
    PartnerPayload {
        /// The partner as it is now; null when nothing was done.
        partner: Partner
    }
);

/// What can be asked about partners.
#[derive(Default)]
pub struct PartnerQuery;

#[Object]
impl PartnerQuery {
    /// The partners in reach, newest first.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which partners.")] filter: Option<PartnerFilter>,
    ) -> Result<PartnerConnection, ApiError> {
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let filter = filter.unwrap_or_default().seen_by(request.viewer.permits(P::PartnersPii));
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::partners::Partner::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::partners::Partner::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(PartnerConnection::of(rows, page.after.is_none(), total))
    }

    /// The partner of this id, or null.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
    ) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }

    /// The partner of this public key in a program, or null.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "The key, whatever the case.")] key: String,
    ) -> Result<Option<Partner>, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let found =
            domain::partners::Partner::find_by_key(&mut conn, request.scope()?, program_id, &key).await?;
        Ok(found.map(Partner))
    }
}

/// What can be done with partners.
#[derive(Default)]
pub struct PartnerMutation;

#[Object]
impl PartnerMutation {
    /// Takes in a partner, approved unless said otherwise. Archived programs take in nobody.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner.")] input: PartnerCreateInput,
    ) -> Result<PartnerPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PartnerPayload::of(
            domain::partners::Partner::create(&mut conn, request.scope()?, &input.into(), &request.act).await,
        )
    }

    /// Hands in an application on behalf of who applies. It is approved at once if the program says so, else pending.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: PartnerApplyInput,
    ) -> Result<PartnerPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PartnerPayload::of(
            domain::partners::Partner::create(&mut conn, request.scope()?, &input.into(), &request.act).await,
        )
    }

    /// Changes a partner, or the person behind it.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
        #[graphql(desc = "What changes.")] input: PartnerUpdateInput,
    ) -> Result<PartnerPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        PartnerPayload::of(
            domain::partners::Partner::update(&mut conn, request.scope()?, id, &input.into(), &request.act)
                .await,
        )
    }

    /// Approves a pending or rejected partner, who earns from now on.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
    ) -> Result<PartnerPayload, ApiError> {
        transition(ctx, id, Transition::Approve).await
    }

    /// Turns down a pending application.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
        #[graphql(desc = "Why, in 1 to 500 characters.")] reason: String,
    ) -> Result<PartnerPayload, ApiError> {
        transition(ctx, id, Transition::Reject { reason: &reason }).await
    }

    /// Suspends an approved partner, who earns nothing new. What was earned stays.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
        #[graphql(desc = "Why, in 1 to 500 characters.")] reason: String,
    ) -> Result<PartnerPayload, ApiError> {
        transition(ctx, id, Transition::Suspend { reason: &reason }).await
    }

    /// Lets a suspended partner earn again.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn partner_reinstate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prt_...`")] id: PartnerId,
    ) -> Result<PartnerPayload, ApiError> {
        transition(ctx, id, Transition::Reinstate).await
    }
}

async fn transition(
    ctx: &Context<'_>,
    id: PartnerId,
    transition: Transition<'_>,
) -> Result<PartnerPayload, ApiError> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await?;
    PartnerPayload::of(
        domain::partners::Partner::transition(&mut conn, request.scope()?, id, transition, &request.act)
            .await,
    )
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        let at = |field: &str, code, sentence: &str| UserError::at(&["input", field], code, sentence).into();
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::ProgramNotFound => {
                at("programId", UserErrorCode::NotFound, "There is no such program.")
            }
            CreateError::WrongState { current } => UserError::wrong_state("program", current).into(),
            CreateError::GroupNotFound => no_group(),
            CreateError::Upline(problem) => upline_refused(problem),
            CreateError::KeyTaken => {
                at("key", UserErrorCode::Taken, "Another partner of this program has this key.")
            }
            CreateError::AlreadyPartner => at(
                "email",
                UserErrorCode::Taken,
                "The person of this address is a partner of this program already.",
            ),
            CreateError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            CreateError::Database(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Refusal {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NotFound => UserError::not_found("id", "partner").into(),
            UpdateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpdateError::GroupNotFound => no_group(),
            UpdateError::Upline(problem) => upline_refused(problem),
            UpdateError::EmailTaken => {
                let sentence = "Another person of this account has this address.";
                UserError::at(&["input", "email"], UserErrorCode::Taken, sentence).into()
            }
            UpdateError::Shared => {
                let sentence = "This person is also a partner of programs beyond your reach, and would change there too.";
                UserError::at(&["input"], UserErrorCode::Forbidden, sentence).into()
            }
            UpdateError::Database(error) => error.into(),
        }
    }
}

fn no_group() -> Refusal {
    let sentence = "There is no such group in the program.";
    UserError::at(&["input", "groupId"], UserErrorCode::NotFound, sentence).into()
}

fn upline_refused(problem: UplineProblem) -> Refusal {
    let (code, sentence) = match problem {
        UplineProblem::NotFound => (UserErrorCode::NotFound, "There is no such partner in the program."),
        UplineProblem::Cycle => (UserErrorCode::Invalid, "A partner cannot be above itself."),
        UplineProblem::TooDeep => {
            (UserErrorCode::LimitExceeded, "Somebody would have more than five uplines.")
        }
    };
    UserError::at(&["input", "uplineId"], code, sentence).into()
}

impl From<TransitionError> for Refusal {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::NotFound => UserError::not_found("id", "partner").into(),
            TransitionError::Reason(problem) => {
                let (code, sentence) = match problem {
                    TextProblem::Missing => (UserErrorCode::Required, "A reason must be given.".to_owned()),
                    TextProblem::TooLong { limit } => {
                        (UserErrorCode::TooLong, format!("At most {limit} characters are allowed."))
                    }
                    TextProblem::Malformed => {
                        (UserErrorCode::Invalid, "A reason is one line of text.".to_owned())
                    }
                };
                UserError::at(&["reason"], code, sentence).into()
            }
            TransitionError::WrongState { current } => UserError::wrong_state("partner", current).into(),
            TransitionError::Database(error) => error.into(),
        }
    }
}
