//! Groups of partners.

mod inputs;
mod object;

use async_graphql::{Context, Object};
use domain::groups::{CreateError, DeleteError, MOST_GROUPS, UpdateError};
use ids::{GroupId, ProgramId};
pub use inputs::{GroupCreateInput, GroupUpdateInput};
pub use object::Group;

use super::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::{load_by_id, load_lists},
    payload::payload,
};

load_by_id!(GroupId => Group of domain::groups::Group);
load_lists!(
    /// The key of a program's groups, by name.
    GroupsOf(ProgramId) => Group of domain::groups::Group::of_programs, by program_id
);

payload!(
    /// What a mutation of a group answers.
    GroupPayload {
        /// The group as it is now, or as it was when it was deleted; null when nothing was done.
        group: Group
    }
);

/// What can be asked about groups.
#[derive(Default)]
pub struct GroupQuery;

#[Object]
impl GroupQuery {
    /// The group of this id, or null.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`grp_...`")] id: GroupId,
    ) -> Result<Option<Group>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done with groups.
#[derive(Default)]
pub struct GroupMutation;

#[Object]
impl GroupMutation {
    /// Creates a group of a program's partners, at most 100 per program. Partners are put into it by `partnerCreate` and
    /// `partnerUpdate`; conditions of rules may ask for it (`PARTNER_GROUP`).
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group.")] input: GroupCreateInput,
    ) -> Result<GroupPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        GroupPayload::of(
            domain::groups::Group::create(&mut conn, request.scope()?, &input.into(), &request.act).await,
        )
    }

    /// Changes a group. Its id stays, and so does what terms say of it.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`grp_...`")] id: GroupId,
        #[graphql(desc = "What changes.")] input: GroupUpdateInput,
    ) -> Result<GroupPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        GroupPayload::of(
            domain::groups::Group::update(&mut conn, request.scope()?, id, &input.into(), &request.act).await,
        )
    }

    /// Deletes a group that has no partners and no terms of its own.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`grp_...`")] id: GroupId,
    ) -> Result<GroupPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        GroupPayload::of(domain::groups::Group::delete(&mut conn, request.scope()?, id, &request.act).await)
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::ProgramNotFound => {
                UserError::at(&["input", "programId"], UserErrorCode::NotFound, "There is no such program.")
                    .into()
            }
            CreateError::WrongState { current } => UserError::wrong_state("program", current).into(),
            CreateError::TooMany => {
                let sentence = format!("A program has at most {MOST_GROUPS} groups.");
                UserError::new(UserErrorCode::LimitExceeded, sentence).into()
            }
            CreateError::NameTaken => name_taken(),
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
            UpdateError::NotFound => UserError::not_found("id", "group").into(),
            UpdateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpdateError::NameTaken => name_taken(),
            UpdateError::Database(error) => error.into(),
        }
    }
}

impl From<DeleteError> for Refusal {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::NotFound => UserError::not_found("id", "group").into(),
            DeleteError::NotEmpty => {
                let sentence = "There are partners in this group: move them first.";
                UserError::at(&["id"], UserErrorCode::WrongState, sentence).into()
            }
            DeleteError::HasTerms => {
                let sentence = "There are terms for this group: it stays with them.";
                UserError::at(&["id"], UserErrorCode::WrongState, sentence).into()
            }
            DeleteError::Database(error) => error.into(),
        }
    }
}

fn name_taken() -> Refusal {
    let sentence = "Another group of this program has this name.";
    UserError::at(&["input", "name"], UserErrorCode::Taken, sentence).into()
}
