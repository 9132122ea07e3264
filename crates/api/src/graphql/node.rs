//! Any object by its id, for clients that cache by id.

use async_graphql::{Context, ID, Interface, Object};
use domain::team::Permission;

use super::{
    adjustments::Adjustment,
    context::Request,
    customers::Customer,
    error::ApiError,
    events::Event,
    groups::Group,
    links::Link,
    operations::{self, Job, Operation},
    partners::Partner,
    payout_batches::{PayoutBatch, PayoutSubmission},
    payout_methods::PayoutMethod,
    payout_policies::StoredPayoutPolicy,
    payouts::Payout,
    programs::Program,
    rates::ExchangeRate,
    redemptions::Redemption,
    rewards::Reward,
    team::{Invite, Member},
    terms::Terms,
    transactions::Transaction,
};

/// An object with an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Prefix and 26 characters, unique everywhere."))]
pub enum Node {
    /// An adjustment of a sale.
    Adjustment(Adjustment),
    /// A customer.
    Customer(Customer),
    /// An exchange rate.
    ExchangeRate(ExchangeRate),
    /// An event of the feed.
    Event(Event),
    /// A group of partners.
    Group(Group),
    /// An invite to the team.
    Invite(Invite),
    /// A job; with OPERATIONS, or as an operator of the instance.
    Job(Job),
    /// A link.
    Link(Link),
    /// A member of the team.
    Member(Member),
    /// Work that jobs go on with; with OPERATIONS, or as an operator of the instance.
    Operation(Operation),
    /// A partner.
    Partner(Partner),
    /// A payout.
    Payout(Payout),
    /// A batch of payouts.
    PayoutBatch(PayoutBatch),
    /// Where a partner's money goes.
    PayoutMethod(PayoutMethod),
    /// A call or a file that pays a part of a batch.
    PayoutSubmission(PayoutSubmission),
    /// A program.
    Program(Program),
    /// A redemption.
    Redemption(Redemption),
    /// A reward.
    Reward(Reward),
    /// What a program, a group or a partner says of its own about payouts.
    StoredPayoutPolicy(StoredPayoutPolicy),
    /// A version of terms.
    Terms(Terms),
    /// A sale.
    Transaction(Transaction),
}

/// What can be asked about any object.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object of this id, or null. Needs the permission to read its kind.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The id of a program, terms, partner, group, link, customer, transaction, adjustment, rate, reward, redemption, payout, payout batch, payout submission, payout method, payout policy, event, member, invite, job or operation."
        )]
        id: ID,
    ) -> Result<Option<Node>, ApiError> {
        find(ctx, &id).await
    }

    /// The objects of these ids, in their order; null where there is none.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 100 ids.", validator(max_items = 100))] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, ApiError> {
        let found = ids.iter().map(|id| find(ctx, id));
        futures_util::future::try_join_all(found).await
    }
}

/// Loads through the loaders when `$id` has this kind's prefix.
macro_rules! load {
    ($ctx:ident, $id:ident, $($kind:ty as $needs:ident => $variant:ident),+) => {
        $(if let Ok(id) = $id.parse::<$kind>() {
            permit($ctx, Permission::$needs)?;
            return Ok(Request::loader($ctx)?.load_one(id).await?.map(Node::$variant));
        })+
    };
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, ApiError> {
    if let Ok(id) = id.parse::<ids::JobId>() {
        permit_operations(ctx)?;
        return Ok(operations::load(ctx, id).await?.map(Node::Job));
    }
    if let Ok(id) = id.parse::<ids::OperationId>() {
        permit_operations(ctx)?;
        return Ok(operations::load_operation(ctx, id).await?.map(Node::Operation));
    }
    load!(ctx, id,
        ids::AdjustmentId as TransactionsRead => Adjustment,
        ids::CustomerId as CustomersRead => Customer,
        ids::EventId as AuditRead => Event,
        ids::ExchangeRateId as ProgramsRead => ExchangeRate,
        ids::GroupId as PartnersRead => Group,
        ids::InviteId as TeamRead => Invite,
        ids::LinkId as PartnersRead => Link,
        ids::MemberId as TeamRead => Member,
        ids::PartnerId as PartnersRead => Partner,
        ids::PayoutId as PayoutsRead => Payout,
        ids::PayoutBatchId as PayoutsRead => PayoutBatch,
        ids::PayoutMethodId as PayoutsRead => PayoutMethod,
        ids::PayoutPolicyId as ProgramsRead => StoredPayoutPolicy,
        ids::PayoutSubmissionId as PayoutsRead => PayoutSubmission,
        ids::ProgramId as ProgramsRead => Program,
        ids::RedemptionId as RewardsRead => Redemption,
        ids::RewardId as RewardsRead => Reward,
        ids::TermsId as ProgramsRead => Terms,
        ids::TransactionId as TransactionsRead => Transaction
    );
    Ok(None)
}

/// Operators of the instance reach the jobs of all accounts, and may have no account of their own.
fn permit_operations(ctx: &Context<'_>) -> Result<(), ApiError> {
    if Request::of(ctx).viewer.operates { Ok(()) } else { permit(ctx, Permission::Operations) }
}

fn permit(ctx: &Context<'_>, permission: Permission) -> Result<(), ApiError> {
    let request = Request::of(ctx);
    request.scope()?;
    if request.viewer.permits(permission) { Ok(()) } else { Err(ApiError::Forbidden(permission)) }
}
