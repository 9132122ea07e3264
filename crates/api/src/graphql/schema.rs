use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder};
use chrono::{DateTime, Utc};
use domain::emails::EmailPreviews;
use rust_decimal::Decimal;

use super::{
    accounts::{AccountMutation, AccountQuery},
    adjustments::{AdjustmentMutation, AdjustmentQuery},
    api_keys::{ApiKeyMutation, ApiKeyQuery},
    audit::AuditQuery,
    customers::{CustomerMutation, CustomerQuery},
    emails::EmailQuery,
    events::{EventQuery, EventSubscription},
    groups::{GroupMutation, GroupQuery},
    links::{LinkMutation, LinkQuery},
    node::NodeQuery,
    operations::{OperationsMutation, OperationsQuery, OperationsSubscription},
    overview::{OverviewQuery, OverviewSubscription},
    partners::{PartnerMutation, PartnerQuery},
    payout_batches::{PayoutBatchMutation, PayoutBatchQuery, PayoutExecutionMutation},
    payout_methods::PayoutMethodMutation,
    payout_policies::PayoutPolicyMutation,
    payouts::{PayoutDecisionMutation, PayoutQuery, PayoutRequestMutation, PayoutSettlementMutation},
    programs::{ProgramMutation, ProgramQuery},
    rates::{RateMutation, RateQuery},
    redemptions::{RedemptionMutation, RedemptionQuery},
    rewards::{RewardMutation, RewardQuery, RewardReviewMutation},
    sessions::SessionMutation,
    simulations::{SimulationMutation, SimulationQuery},
    team::{InviteMutation, MemberMutation, TeamQuery},
    terms::{TermsMutation, TermsQuery},
    transactions::{TransactionMutation, TransactionQuery},
    users::{PasswordMutation, ProfileMutation, UserMutation},
};
use crate::live::Live;

/// Everything that can be asked. In groups, since the compiler counts a merged object's members as depth: each group may
/// have about ten.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    OperationsQuery,
    OverviewQuery,
    AccountQueries,
    ProgramQueries,
    SaleQueries,
    PayoutQueries,
);

/// What can be asked about who we are, and what happened.
#[derive(MergedObject, Default)]
struct AccountQueries(AccountQuery, ApiKeyQuery, AuditQuery, EmailQuery, EventQuery, TeamQuery);

/// What can be asked about programs: what they offer, and to whom.
#[derive(MergedObject, Default)]
struct ProgramQueries(GroupQuery, LinkQuery, PartnerQuery, ProgramQuery, SimulationQuery, TermsQuery);

/// What can be asked about what comes of programs: who came, what was bought and earned.
#[derive(MergedObject, Default)]
struct SaleQueries(AdjustmentQuery, CustomerQuery, RateQuery, RedemptionQuery, RewardQuery, TransactionQuery);

/// What can be asked about what partners are paid.
#[derive(MergedObject, Default)]
struct PayoutQueries(PayoutBatchQuery, PayoutQuery);

/// Everything that can be done. Each mutation runs after the one before it and answers with the changed object or with
/// `userErrors`. In groups, as [`Query`].
#[derive(MergedObject, Default)]
pub struct Mutation(OperationsMutation, AccountMutations, ProgramMutations, SaleMutations, PayoutMutations);

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

/// What can be done with programs: what they offer, and to whom.
#[derive(MergedObject, Default)]
struct ProgramMutations(
    GroupMutation,
    InviteMutation,
    LinkMutation,
    MemberMutation,
    PartnerMutation,
    ProgramMutation,
    SimulationMutation,
    TermsMutation,
);

/// What can be done with what comes of programs: who came, what was bought and earned.
#[derive(MergedObject, Default)]
struct SaleMutations(
    AdjustmentMutation,
    CustomerMutation,
    RateMutation,
    RedemptionMutation,
    RewardMutation,
    RewardReviewMutation,
    TransactionMutation,
);

/// What can be done about what partners are paid.
#[derive(MergedObject, Default)]
struct PayoutMutations(
    PayoutBatchMutation,
    PayoutDecisionMutation,
    PayoutExecutionMutation,
    PayoutMethodMutation,
    PayoutPolicyMutation,
    PayoutRequestMutation,
    PayoutSettlementMutation,
);

/// Everything that can be followed, over a WebSocket at `/graphql/ws` or as server-sent events at `/graphql/stream`. What is
/// out of reach by a query is so here, and what the viewer loses while it is open ends or stays silent within a second.
#[derive(MergedSubscription, Default)]
pub struct Subscription(EventSubscription, OperationsSubscription, OverviewSubscription);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema. Depth, cost and the like are checked by the edge before anything is executed.
pub fn build() -> Schema {
    builder().finish()
}

/// As [`build`], with what shows emails and what subscriptions follow.
pub fn build_with(previews: Box<dyn EmailPreviews>, live: Arc<Live>) -> Schema {
    builder().data(previews).data(live).finish()
}

/// The roots, and words for the scalars that are not our own.
fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription::default())
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
