use async_graphql::InputObject;
use domain::groups::{GroupChanges, NewGroup};
use ids::ProgramId;

/// A group to be created.
#[derive(InputObject)]
pub struct GroupCreateInput {
    /// The program whose partners it is for: `prg_...`
    program_id: ProgramId,
    /// 1 to 100 characters, unique in the program, whatever the case.
    name: String,
    /// The same key and input again answer with the group of the first call; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl From<GroupCreateInput> for NewGroup {
    fn from(input: GroupCreateInput) -> Self {
        Self { program_id: input.program_id, name: input.name, idempotency_key: input.idempotency_key }
    }
}

/// Changes of a group; what is left out stays as it is.
#[derive(InputObject)]
pub struct GroupUpdateInput {
    /// 1 to 100 characters, unique in the program, whatever the case.
    name: Option<String>,
}

impl From<GroupUpdateInput> for GroupChanges {
    fn from(input: GroupUpdateInput) -> Self {
        Self { name: input.name }
    }
}
