use chrono::NaiveDate;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, OperationId, PartnerId};
use money::Currency;

use super::{Simulation, cells::Cells};
use crate::{
    page::{Page, PageArgs},
    schema::simulation_rows,
};

/// How many rows one statement writes: 10 values each, of at most 65,535.
const ROWS_PER_INSERT: usize = 5_000;

/// What amounts are summed by, beside the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulationGroup {
    /// Who gets them.
    Partner,
    /// The product.
    Product,
    /// The local month.
    Month,
}

#[derive(Insertable)]
#[diesel(table_name = simulation_rows)]
struct NewRow {
    operation_id: OperationId,
    number: i32,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
    product_id: Option<String>,
    month: NaiveDate,
    currency: Currency,
    simulated: i64,
    earned: i64,
}

/// What some rewards would have come to, beside what they did.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SimulationRow {
    /// Its place in the list, from 1.
    #[diesel(sql_type = BigInt)]
    pub place: i64,
    /// The partner who gets them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub partner_id: Option<PartnerId>,
    /// The customer who gets them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub customer_id: Option<CustomerId>,
    /// The seller's name of the product.
    #[diesel(sql_type = Nullable<Text>)]
    pub product_id: Option<String>,
    /// The first day of the local month of the events.
    #[diesel(sql_type = Nullable<Date>)]
    pub month: Option<NaiveDate>,
    /// The currency or unit.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Under the terms that were tried, in minor units.
    #[diesel(sql_type = BigInt)]
    pub simulated: i64,
    /// Really, in minor units.
    #[diesel(sql_type = BigInt)]
    pub earned: i64,
}

/// All of a simulation in one currency or unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct SimulationTotal {
    /// The currency or unit.
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Under the terms that were tried, in minor units.
    #[diesel(sql_type = BigInt)]
    pub simulated: i64,
    /// Really, in minor units.
    #[diesel(sql_type = BigInt)]
    pub earned: i64,
}

const TOTALS: &str = "\
    SELECT currency, sum(simulated)::bigint AS simulated, sum(earned)::bigint AS earned FROM simulation_rows \
    WHERE account_id = $1 AND operation_id = $2 GROUP BY currency ORDER BY currency";

impl SimulationGroup {
    /// The four keys of a row as they are selected, and those that are grouped by.
    fn keys(group: Option<Self>) -> (&'static str, &'static str) {
        match group {
            None => (
                "partner_id, customer_id, product_id, month",
                "partner_id, customer_id, product_id, month, currency",
            ),
            Some(Self::Partner) => (
                "partner_id, customer_id, NULL::text AS product_id, NULL::date AS month",
                "partner_id, customer_id, currency",
            ),
            Some(Self::Product) => (
                "NULL::uuid AS partner_id, NULL::uuid AS customer_id, product_id, NULL::date AS month",
                "product_id, currency",
            ),
            Some(Self::Month) => (
                "NULL::uuid AS partner_id, NULL::uuid AS customer_id, NULL::text AS product_id, month",
                "month, currency",
            ),
        }
    }
}

impl Simulation {
    /// The sums per currency.
    ///
    /// # Errors
    /// The database's.
    pub async fn totals(&self, conn: &mut AsyncPgConnection) -> QueryResult<Vec<SimulationTotal>> {
        sql_query(TOTALS)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.operation_id)
            .load(conn)
            .await
    }

    /// A page of the amounts summed by the group, or of all of them: per currency the largest difference first. What was
    /// written never changes, so a row keeps its place.
    ///
    /// # Errors
    /// The database's.
    pub async fn rows(
        &self,
        conn: &mut AsyncPgConnection,
        group: Option<SimulationGroup>,
        page: PageArgs<i64>,
    ) -> QueryResult<Page<SimulationRow>> {
        let (selected, grouped) = SimulationGroup::keys(group);
        let query = format!(
            "SELECT * FROM (SELECT *, row_number() OVER (ORDER BY currency, abs(simulated - earned) DESC, month, \
             partner_id, customer_id, product_id) AS place FROM (SELECT {selected}, currency, \
             sum(simulated)::bigint AS simulated, sum(earned)::bigint AS earned FROM simulation_rows \
             WHERE account_id = $1 AND operation_id = $2 GROUP BY {grouped}) g) p \
             WHERE place > $3 ORDER BY place LIMIT $4"
        );
        let rows = sql_query(query)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.operation_id)
            .bind::<BigInt, _>(page.after.unwrap_or(0))
            .bind::<BigInt, _>(page.limit())
            .load(conn)
            .await?;
        Ok(Page::of(rows, &page))
    }

    /// How many rows there are by the group, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        &self,
        conn: &mut AsyncPgConnection,
        group: Option<SimulationGroup>,
        cap: i64,
    ) -> QueryResult<i64> {
        let (_, grouped) = SimulationGroup::keys(group);
        let query = format!(
            "SELECT count(*) AS count FROM (SELECT 1 FROM simulation_rows \
             WHERE account_id = $1 AND operation_id = $2 GROUP BY {grouped} LIMIT $3) g"
        );
        let counted: Counted = sql_query(query)
            .bind::<SqlUuid, _>(self.account_id)
            .bind::<SqlUuid, _>(self.operation_id)
            .bind::<BigInt, _>(cap)
            .get_result(conn)
            .await?;
        Ok(counted.count)
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Writes the answer down.
pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    simulation: &Simulation,
    cells: Cells,
) -> QueryResult<()> {
    let rows: Vec<NewRow> = (1_i32..)
        .zip(cells.amounts)
        .map(|(number, (cell, amounts))| {
            let (partner_id, customer_id) = (cell.owner.partner(), cell.owner.customer());
            NewRow {
                operation_id: simulation.operation_id,
                number,
                account_id: simulation.account_id,
                partner_id,
                customer_id,
                product_id: cell.product.map(|name| name.to_string()),
                month: cell.month,
                currency: cell.currency,
                simulated: amounts.simulated,
                earned: amounts.earned,
            }
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        diesel::insert_into(simulation_rows::table).values(chunk).execute(conn).await?;
    }
    Ok(())
}
