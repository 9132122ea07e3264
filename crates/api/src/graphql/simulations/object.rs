use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::page::PageArgs;
use money::Currency;

use super::SimulationRowConnection;
use crate::graphql::{
    connection,
    context::Request,
    customers::Customer,
    error::ApiError,
    guard::{Needs, Permission, needs},
    operations::Operation,
    partners::Partner,
    scalars::{Date, Money},
    terms::Terms,
};

/// Why a simulation has no answer. Trying again would change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::simulations::SimulationFailure")]
pub enum SimulationFailure {
    /// More than 500,000 rows, one per beneficiary, product, month and currency: a shorter range has fewer.
    TooManyRows,
    /// A recorded event or an amount cannot be computed.
    Uncomputable,
}

/// What the amounts of a simulation are summed by, beside the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::simulations::SimulationGroup")]
pub enum SimulationGroup {
    /// The partner or customer who gets them.
    Partner,
    /// The product of the sales' lines.
    Product,
    /// The month of the events, in the program's time zone.
    Month,
}

/// Terms run over the recorded history of their program.
#[derive(Clone)]
pub struct Simulation {
    pub(super) simulation: domain::simulations::Simulation,
    pub(super) operation: domain::operations::Operation,
}

/// All of a simulation in one currency or unit.
#[derive(Debug, Clone, SimpleObject)]
pub struct SimulationTotal {
    /// What the terms would have paid.
    simulated: Money,
    /// What was really earned.
    earned: Money,
    /// `simulated` less `earned`.
    difference: Money,
}

/// What some rewards would have come to, beside what they did. What rows are not grouped by is null in them.
#[derive(Debug, Clone)]
pub struct SimulationRow(domain::simulations::SimulationRow);

impl From<domain::simulations::SimulationRow> for SimulationRow {
    fn from(row: domain::simulations::SimulationRow) -> Self {
        Self(row)
    }
}

fn money(minor: i64, currency: Currency) -> Money {
    money::Money::new(minor, currency).into()
}

/// Terms run over the recorded history of their program.
#[Object]
impl Simulation {
    /// The operation that does it, with its progress: `done` is how many events were read so far, of `total`.
    async fn operation(&self) -> Operation {
        Operation(self.operation.clone())
    }

    /// The terms that are tried, as they were when it was asked: a draft may have been changed or deleted since.
    async fn terms(&self) -> Result<Terms, ApiError> {
        let terms = self.simulation.tried().map_err(|error| {
            tracing::error!(%error, operation.id = %self.simulation.operation_id, "the terms of a simulation cannot be read");
            ApiError::Internal
        })?;
        Ok(terms.into())
    }

    /// The first local date of the events whose rewards count.
    async fn from(&self) -> Date {
        Date(self.simulation.from_day)
    }

    /// The local date behind the last.
    async fn to(&self) -> Date {
        Date(self.simulation.to_day)
    }

    /// Why there is no answer; null while it runs, and when there is one.
    async fn failure(&self) -> Option<SimulationFailure> {
        self.simulation.failure.map(Into::into)
    }

    /// The sums per currency or unit; empty until the operation is done.
    async fn totals(&self, ctx: &Context<'_>) -> Result<Vec<SimulationTotal>, ApiError> {
        let totals = self.simulation.totals(&mut *Request::of(ctx).conn().await?).await?;
        let total = |total: domain::simulations::SimulationTotal| SimulationTotal {
            simulated: money(total.simulated, total.currency),
            earned: money(total.earned, total.currency),
            difference: money(total.simulated.saturating_sub(total.earned), total.currency),
        };
        Ok(totals.into_iter().map(total).collect())
    }

    /// The amounts per partner or customer, product, month and currency, or summed by one of these and the currency: per currency
    /// the largest difference first. The amount of a reward is split over the products of the lines that it was made of, by their
    /// nets. Empty until the operation is done.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "What amounts are summed by; nothing when left out.")] group_by: Option<
            SimulationGroup,
        >,
    ) -> Result<SimulationRowConnection, ApiError> {
        let page: PageArgs<i64> = PageArgs::new(first.into(), connection::key(after)?);
        let group = group_by.map(Into::into);
        let mut conn = Request::of(ctx).conn().await?;
        let rows = self.simulation.rows(&mut conn, group, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(self.simulation.count(&mut conn, group, connection::COUNT_CAP).await?),
            false => None,
        };
        Ok(SimulationRowConnection::of(rows, page.after.is_none(), total))
    }
}

/// What some rewards would have come to, beside what they did. What rows are not grouped by is null in them.
#[Object]
impl SimulationRow {
    /// The id of the partner who gets them (`prt_...`); null where a customer does.
    async fn partner_id(&self) -> Option<ID> {
        self.0.partner_id.map(ID::from)
    }

    /// The partner who gets them; null where a customer does.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The customer who gets them; null where a partner does.
    #[graphql(directive = needs::apply(Permission::CustomersRead), guard = "Needs(Permission::CustomersRead)")]
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>, ApiError> {
        let Some(id) = self.0.customer_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The seller's name of the product; null for what is of none, such as sign-ups and milestones.
    async fn product_id(&self) -> Option<&str> {
        self.0.product_id.as_deref()
    }

    /// The first day of the month of the events, in the program's time zone.
    async fn month(&self) -> Option<Date> {
        self.0.month.map(Date)
    }

    /// What the terms would have paid.
    async fn simulated(&self) -> Money {
        money(self.0.simulated, self.0.currency)
    }

    /// What was really earned.
    async fn earned(&self) -> Money {
        money(self.0.earned, self.0.currency)
    }

    /// `simulated` less `earned`.
    async fn difference(&self) -> Money {
        money(self.0.simulated.saturating_sub(self.0.earned), self.0.currency)
    }
}
