use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions};

use super::programs::{ProgramMutation, ProgramQuery};

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(ProgramQuery);

/// Everything that can be done. Each mutation runs after the one before it and answers with the changed object or with
/// `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(ProgramMutation);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Depth, cost and the like are checked by the edge before anything is executed.
pub fn build() -> Schema {
    async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription).finish()
}

/// The contract as text, sorted: what `schema.graphql` holds.
pub fn sdl() -> String {
    build().sdl_with_options(
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by(),
    )
}
