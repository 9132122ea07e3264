use async_graphql::{ID, InputObject};
use domain::team::{MemberChanges, Role, invites::NewInvites};
use ids::ProgramId;

use crate::graphql::error::{UserError, UserErrorCode};

/// People to be invited to the team, all to the same.
#[derive(InputObject)]
pub struct InviteCreateInput {
    /// 1 to 500 addresses. One that is there twice, in whatever case, counts once.
    #[graphql(validator(max_items = 5_000))]
    emails: Vec<String>,
    /// What they will do: `rol_admin`, `rol_manager`, .., of `account.roles`. Nobody grants a permission that they lack.
    role_id: ID,
    /// The programs that they will be limited to, at most 100; left out or empty means all, also those created later.
    #[graphql(validator(max_items = 1_000))]
    program_ids: Option<Vec<ProgramId>>,
    /// A line to go with the invitation: at most 500 characters, and no web addresses.
    message: Option<String>,
}

/// What is said to accept an invite.
#[derive(InputObject)]
pub struct InviteAcceptInput {
    /// The `token` of the link.
    #[graphql(secret)]
    pub token: String,
    /// What people call you, for a new user; at most 200 characters.
    pub name: Option<String>,
    /// The password of a new user: 10 to 200 characters, and not the address. Whoever has a user logs in instead.
    #[graphql(secret)]
    pub password: Option<String>,
}

/// What changes about a member; what is left out stays as it is.
#[derive(InputObject)]
pub struct MemberInput {
    /// What they may do, of `account.roles`. Nobody grants a permission that they lack.
    role_id: Option<ID>,
    /// The programs that they are limited to, at most 100; empty means all, also those created later.
    #[graphql(validator(max_items = 1_000))]
    program_ids: Option<Vec<ProgramId>>,
}

fn role(id: &ID) -> Result<Role, UserError> {
    let word = id.strip_prefix("rol_").map(str::to_uppercase).unwrap_or_default();
    Role::from_word(&word)
        .ok_or_else(|| UserError::at(&["input", "roleId"], UserErrorCode::NotFound, "There is no such role."))
}

impl TryFrom<InviteCreateInput> for NewInvites {
    type Error = UserError;

    fn try_from(input: InviteCreateInput) -> Result<Self, UserError> {
        Ok(Self {
            role: role(&input.role_id)?,
            emails: input.emails,
            programs: input.program_ids.unwrap_or_default(),
            message: input.message,
        })
    }
}

impl TryFrom<MemberInput> for MemberChanges {
    type Error = UserError;

    fn try_from(input: MemberInput) -> Result<Self, UserError> {
        Ok(Self { role: input.role_id.as_ref().map(role).transpose()?, programs: input.program_ids })
    }
}
