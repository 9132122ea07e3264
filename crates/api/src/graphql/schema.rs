use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions, SchemaBuilder};
use chrono::{DateTime, Utc};
use domain::emails::EmailPreviews;
use rust_decimal::Decimal;

use super::{
    accounts::{AccountMutation, AccountQuery},
    api_keys::{ApiKeyMutation, ApiKeyQuery},
    audit::AuditQuery,
    customers::{CustomerMutation, CustomerQuery},
    emails::EmailQuery,
    events::EventQuery,
    links::{LinkMutation, LinkQuery},
    node::NodeQuery,
    operations::{OperationsMutation, OperationsQuery},
    overview::OverviewQuery,
    partners::{PartnerMutation, PartnerQuery},
    programs::{ProgramMutation, ProgramQuery},
    rewards::{RewardMutation, RewardQuery},
    sessions::SessionMutation,
    team::{InviteMutation, MemberMutation, TeamQuery},
    terms::{TermsMutation, TermsQuery},
    transactions::{TransactionMutation, TransactionQuery},
    users::{PasswordMutation, ProfileMutation, UserMutation},
};

/// Everything that can be asked. In groups, since the compiler counts a merged object's members as depth: each group may
/// have about ten.
#[derive(MergedObject, Default)]
pub struct Query(NodeQuery, OperationsQuery, OverviewQuery, AccountQueries, ProgramQueries);

/// What can be asked about who we are, and what happened.
#[derive(MergedObject, Default)]
struct AccountQueries(AccountQuery, ApiKeyQuery, AuditQuery, EmailQuery, EventQuery, TeamQuery);

/// What can be asked about programs, and what belongs to one.
#[derive(MergedObject, Default)]
struct ProgramQueries(
    CustomerQuery,
    LinkQuery,
    PartnerQuery,
    ProgramQuery,
    RewardQuery,
    TermsQuery,
    TransactionQuery,
);

/// Everything that can be done. Each mutation runs after the one before it and answers with the changed object or with
/// `userErrors`. In groups, as [`Query`].
#[derive(MergedObject, Default)]
pub struct Mutation(OperationsMutation, AccountMutations, ProgramMutations);

/// What can be done about who we are.
#[derive(MergedObject, Default)]
struct AccountMutations(
    AccountMutation,
    ApiKeyMutation,
    PasswordMutation,
    ProfileMutation,
    SessionMutation,
    UserMutation,
);

/// What can be done with programs, and with what belongs to one.
#[derive(MergedObject, Default)]
struct ProgramMutations(
    CustomerMutation,
    InviteMutation,
    LinkMutation,
    MemberMutation,
    PartnerMutation,
    ProgramMutation,
    RewardMutation,
    TermsMutation,
    TransactionMutation,
);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Depth, cost and the like are checked by the edge before anything is executed.
pub fn build() -> Schema {
    builder().finish()
}

/// As [`build`], with what shows emails.
pub fn build_with(previews: Box<dyn EmailPreviews>) -> Schema {
    builder().data(previews).finish()
}

/// The roots, and words for the scalars that are not our own.
fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .override_output_type_description::<DateTime<Utc>>("A moment in UTC, written as RFC 3339.")
        .override_output_type_description::<Decimal>(
            "An exact decimal number, written as a string, e.g. `\"12.50\"`; at most 28 digits.",
        )
}

/// The contract as text, sorted: what `schema.graphql` holds.
pub fn sdl() -> String {
    build().sdl_with_options(
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by(),
    )
}
