//! Mutations of members.

use async_graphql::{Context, Object};
use domain::team::{GrantError, MemberChanges, MemberError, Membership};
use ids::MemberId;

use super::{Member, inputs::MemberInput};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    payload::payload,
};

payload!(
    /// What a mutation of a member answers.
    MemberPayload {
        /// The member as they are now, or were when they were removed; null when nothing was done.
        member: Member
    }
);

impl MemberPayload {
    async fn with_account(
        request: &Request,
        done: Result<domain::team::Member, MemberError>,
    ) -> Result<Self, ApiError> {
        let member = match done {
            Ok(member) => member,
            Err(error) => return Self::of(Err::<Membership, _>(error)),
        };
        let mut conn = request.conn().await?;
        let account = domain::accounts::Account::of_scope(&mut conn, request.scope()?).await?;
        let account = account.ok_or(ApiError::AccountNotFound)?;
        Self::of(Ok::<_, MemberError>(Membership { member, account }))
    }
}

/// What can be done with members.
#[derive(Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Changes role or programs of a member, from their next request on. API keys and pending invites of theirs that go
    /// beyond what they may do then are revoked. Owners are changed by owners; the last one stays.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn member_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`mem_...`")] id: MemberId,
        #[graphql(desc = "What changes.")] input: MemberInput,
    ) -> Result<MemberPayload, ApiError> {
        let request = Request::of(ctx);
        let changes = match MemberChanges::try_from(input) {
            Ok(changes) => changes,
            Err(error) => return Ok(MemberPayload { member: None, user_errors: vec![error] }),
        };
        let by = (request.scope()?, request.viewer.permissions());
        let mut conn = request.conn().await?;
        let done = domain::team::Member::update(&mut conn, by, id, &changes, &request.act).await;
        drop(conn);
        MemberPayload::with_account(request, done).await
    }

    /// Removes a member, from their next request on: their sessions do not reach the account any more, and API keys and
    /// pending invites that they made are revoked with them. Owners are removed by owners; the last one stays.
    #[graphql(directive = needs::apply(Permission::TeamWrite), guard = "Needs(Permission::TeamWrite)")]
    async fn member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`mem_...`")] id: MemberId,
    ) -> Result<MemberPayload, ApiError> {
        let request = Request::of(ctx);
        let by = (request.scope()?, request.viewer.permissions());
        let mut conn = request.conn().await?;
        let done = domain::team::Member::remove(&mut conn, by, id, &request.act).await;
        drop(conn);
        MemberPayload::with_account(request, done).await
    }

    /// Leaves the account that is asked about: your membership ends, whatever your role. API keys and pending invites that
    /// you made are revoked. The last owner cannot leave.
    async fn member_leave(&self, ctx: &Context<'_>) -> Result<MemberPayload, ApiError> {
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let user = request.viewer.user.ok_or(ApiError::Unauthenticated)?;
        let mut conn = request.conn().await?;
        let done = domain::team::Member::leave(&mut conn, scope, user, &request.act).await;
        drop(conn);
        MemberPayload::with_account(request, done).await
    }
}

impl From<MemberError> for Refusal {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            MemberError::NotFound => UserError::not_found("id", "member").into(),
            MemberError::BeyondReach => {
                let sentence =
                    "Nobody changes a member who may do more, or reaches more programs, than they do.";
                UserError::at(&["id"], UserErrorCode::Forbidden, sentence).into()
            }
            MemberError::LastOwner => {
                let sentence =
                    "The account needs an owner who can log in: make somebody else an owner first.";
                UserError::at(&["id"], UserErrorCode::WrongState, sentence).into()
            }
            MemberError::Grant(error) => of_grant(error, &["input"]).into(),
            MemberError::Database(error) => error.into(),
        }
    }
}

/// Why a right was not granted, at the fields under this path; without a path, of no field.
pub(super) fn of_grant(error: GrantError, path: &[&str]) -> UserError {
    use UserErrorCode as C;
    let (field, code, sentence) = match error {
        GrantError::Lacking(lacks) => {
            let words: Vec<_> = lacks.iter().map(|permission| permission.as_str()).collect();
            ("roleId", C::Forbidden, format!("You cannot grant what you lack: {}.", words.join(", ")))
        }
        GrantError::Limited => {
            ("programIds", C::Forbidden, "You are limited to some programs: name some of them.".to_owned())
        }
        GrantError::ProgramNotFound => ("programIds", C::NotFound, "There is no such program.".to_owned()),
        GrantError::OwnerLimited => {
            ("programIds", C::Invalid, "An owner owns all programs: name none.".to_owned())
        }
    };
    match path {
        [] => UserError::new(code, sentence),
        path => UserError::at(&[path, &[field]].concat(), code, sentence),
    }
}
