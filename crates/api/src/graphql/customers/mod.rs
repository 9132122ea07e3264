//! Customers.

mod enums;
mod inputs;
mod object;

use async_graphql::{Context, Object};
use domain::{attribution::Touch, customers::UpsertError, page::PageArgs};
use ids::{CustomerId, ProgramId};
pub use inputs::{CustomerFilter, CustomerInput};
pub use object::{AttributionOf, Customer};

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
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
    /// attribution, once there, stays.
    #[graphql(directive = needs::apply(Permission::CustomersWrite), guard = "Needs(Permission::CustomersWrite)")]
    async fn customer_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer.")] input: CustomerInput,
    ) -> Result<CustomerPayload, ApiError> {
        let request = Request::of(ctx);
        let said = match input.into_domain() {
            Ok(said) => said,
            Err(error) => {
                return CustomerPayload::of(Err::<domain::customers::Customer, Refusal>(error.into()));
            }
        };
        let mut conn = request.conn().await?;
        CustomerPayload::of(
            domain::customers::Customer::upsert(&mut conn, request.scope()?, &said, &request.act).await,
        )
    }
}

impl From<UpsertError> for Refusal {
    fn from(error: UpsertError) -> Self {
        match error {
            UpsertError::ProgramNotFound => {
                UserError::at(&["input", "programId"], UserErrorCode::NotFound, "There is no such program.")
                    .into()
            }
            UpsertError::TouchNotFound(touch) => {
                let (field, noun) = match touch {
                    Touch::LinkSlug(_) => ("linkSlug", "link"),
                    Touch::Partner(_) => ("partnerId", "partner"),
                    Touch::PartnerKey(_) => ("partnerKey", "partner"),
                };
                let sentence = format!("There is no such {noun} in the program.");
                UserError::at(&["input", field], UserErrorCode::NotFound, sentence).into()
            }
            UpsertError::WrongState { current } => UserError::wrong_state("program", current).into(),
            UpsertError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpsertError::Database(error) => error.into(),
        }
    }
}
