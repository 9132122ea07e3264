//! Customers.

mod enums;
mod errors;
mod inputs;
mod object;

use async_graphql::{Context, Object};
use domain::page::PageArgs;
pub use enums::PastRewards;
pub(super) use errors::referrer_refused;
use ids::{CustomerId, ProgramId};
pub use inputs::{
    CustomerConfirmInput, CustomerEnrolInput, CustomerFilter, CustomerInput, CustomerReassignInput,
};
pub use object::{AttributionOf, Customer};

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(CustomerId => Customer of domain::customers::Customer);

connection!(
    /// Customers, newest first.
    CustomerConnection, CustomerEdge, Customer, domain::customers::Customer, |row| row.id
);

payload!(
    /// What a mutation of a customer answers.
    CustomerPayload {
        /// The customer as it is now; null when nothing was done.
        customer: Customer
    }
);

/// What can be asked about customers.
#[derive(Default)]
pub struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// The customers in reach, newest first.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which customers.")] filter: Option<CustomerFilter>,
    ) -> Result<CustomerConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::customers::Customer::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::customers::Customer::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(CustomerConnection::of(rows, page.after.is_none(), total))
    }

    /// The customer of this id, or null.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`cus_...`")] id: CustomerId,
    ) -> Result<Option<Customer>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }

    /// The customer of your key, or null.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "Your name for the customer.")] key: String,
    ) -> Result<Option<Customer>, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let found =
            domain::customers::Customer::find_by_key(&mut conn, request.scope()?, program_id, &key).await?;
        Ok(found.map(Customer))
    }
}

/// What can be done with customers.
#[derive(Default)]
pub struct CustomerMutation;

#[Object]
impl CustomerMutation {
    /// Stores a customer by your key: creates it, or changes what is said. An active program attributes a new customer
    /// through `linkSlug` or the partner that is named, and one without partner through the partner that is named. An
    /// attribution, once there, stays. `linkSlug` of a customer who is known attributes nobody, though it must be a link that works;
    /// `signedUpAt` then only says from when an attribution counts that is made now.
    #[graphql(directive = needs::apply(Permission::CustomersWrite), guard = "Needs(Permission::CustomersWrite)")]
    async fn customer_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer.")] input: CustomerInput,
    ) -> Result<CustomerPayload, ApiError> {
        let request = Request::of(ctx);
        let said = match input.into_domain() {
            Ok(said) => said,
            Err(error) => return refused(error),
        };
        let mut conn = request.conn().await?;
        CustomerPayload::of(
            domain::customers::Customer::upsert(&mut conn, request.scope()?, &said, &request.act).await,
        )
    }

    /// Says that a newsletter's subscriber gave the double opt-in: it counts as a sign-up from now on. Said again, nothing happens.
    #[graphql(directive = needs::apply(Permission::CustomersWrite), guard = "Needs(Permission::CustomersWrite)")]
    async fn customer_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who confirmed.")] input: CustomerConfirmInput,
    ) -> Result<CustomerPayload, ApiError> {
        let request = Request::of(ctx);
        let name = match input.name() {
            Ok(name) => name,
            Err(error) => return refused(error),
        };
        let mut conn = request.conn().await?;
        CustomerPayload::of(
            domain::customers::Customer::confirm(&mut conn, request.scope()?, &name, &request.act).await,
        )
    }

    /// Makes a customer of a REFERRAL or NEWSLETTER program a referrer: an approved partner of the program (`Customer.referrer`),
    /// of the customer's name and email address, of which it needs the address. It gets no upline. Said again, it stays as it is.
    #[graphql(directive = needs::apply(Permission::CustomersWrite), guard = "Needs(Permission::CustomersWrite)")]
    async fn customer_enrol(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to refer others.")] input: CustomerEnrolInput,
    ) -> Result<CustomerPayload, ApiError> {
        let request = Request::of(ctx);
        let key = input.partner_key.clone();
        let name = match input.name() {
            Ok(name) => name,
            Err(error) => return refused(error),
        };
        let mut conn = request.conn().await?;
        let (scope, key) = (request.scope()?, key.as_deref());
        CustomerPayload::of(
            domain::customers::Customer::enrol(&mut conn, scope, &name, key, &request.act).await,
        )
    }

    /// Gives a customer to another partner, or takes it from the one that it has. The customer keeps the time of its first
    /// attribution, from which durations and the version of the terms count. WRONG_STATE if it is that partner's already. What `customerUpsert` or a sale says later does not
    /// give it to anybody again. Archived programs stay as they are.
    #[graphql(directive = needs::apply(Permission::CustomersWrite), guard = "Needs(Permission::CustomersWrite)")]
    async fn customer_reassign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which customer, whose it is to be, and why.")] input: CustomerReassignInput,
    ) -> Result<CustomerPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        CustomerPayload::of(
            domain::customers::Customer::reassign(&mut conn, request.scope()?, &input.into(), &request.act)
                .await,
        )
    }
}

fn refused(error: impl Into<Refusal>) -> Result<CustomerPayload, ApiError> {
    CustomerPayload::of(Err::<domain::customers::Customer, Refusal>(error.into()))
}
