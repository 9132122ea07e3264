use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions};
use domain::emails::EmailPreviews;

use super::{
    accounts::{AccountMutation, AccountQuery},
    api_keys::{ApiKeyMutation, ApiKeyQuery},
    audit::AuditQuery,
    customers::{CustomerMutation, CustomerQuery},
    emails::EmailQuery,
    events::EventQuery,
    links::{LinkMutation, LinkQuery},
    node::NodeQuery,
    partners::{PartnerMutation, PartnerQuery},
    programs::{ProgramMutation, ProgramQuery},
    rewards::{RewardMutation, RewardQuery},
    sessions::SessionMutation,
    team::TeamQuery,
    terms::{TermsMutation, TermsQuery},
    transactions::{TransactionMutation, TransactionQuery},
    users::UserMutation,
};

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    AccountQuery,
    ApiKeyQuery,
    AuditQuery,
    CustomerQuery,
    EmailQuery,
    EventQuery,
    LinkQuery,
    PartnerQuery,
    ProgramQuery,
    RewardQuery,
    TeamQuery,
    TermsQuery,
    TransactionQuery,
);

/// Everything that can be done. Each mutation runs after the one before it and answers with the changed object or with
/// `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    AccountMutation,
    ApiKeyMutation,
    CustomerMutation,
    LinkMutation,
    PartnerMutation,
    ProgramMutation,
    RewardMutation,
    SessionMutation,
    TermsMutation,
    TransactionMutation,
    UserMutation,
);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Depth, cost and the like are checked by the edge before anything is executed.
pub fn build() -> Schema {
    async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription).finish()
}

/// As [`build`], with what shows emails.
pub fn build_with(previews: Box<dyn EmailPreviews>) -> Schema {
    let schema = async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription);
    schema.data(previews).finish()
}

/// The contract as text, sorted: what `schema.graphql` holds.
pub fn sdl() -> String {
    build().sdl_with_options(
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by(),
    )
}
