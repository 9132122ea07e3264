use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{Bool, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, ProgramId};
use money::Currency;

use super::Added;
use crate::{calendar::Calendar, prepared::Prepare, schema::stat_deltas};

/// Rows of one INSERT: fourteen parameters each.
const ROWS_PER_INSERT: usize = 4_000;

/// What one act adds to the figures of a program and of its partners, summed up by day, hour and currency.
#[derive(Debug, Clone)]
pub struct Deltas {
    account_id: AccountId,
    program_id: ProgramId,
    calendar: Calendar,
    added: BTreeMap<Place, Added>,
}

/// Where a delta counts. The hour is that of a program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    partner_id: Option<PartnerId>,
    day: NaiveDate,
    hour: Option<DateTime<Utc>>,
    currency: Currency,
}

#[derive(Insertable)]
#[diesel(table_name = stat_deltas)]
struct Row {
    account_id: AccountId,
    program_id: ProgramId,
    partner_id: Option<PartnerId>,
    day: NaiveDate,
    hour: Option<DateTime<Utc>>,
    currency: Currency,
    applications: i64,
    partners: i64,
    signups: i64,
    paying_customers: i64,
    sales: i64,
    revenue: i64,
    rewards: i64,
}

#[derive(QueryableByName)]
struct Any {
    #[diesel(sql_type = Bool)]
    found: bool,
}

impl Deltas {
    /// Nothing yet, of this program, whose days and hours are those of the calendar.
    pub fn new(account_id: AccountId, program_id: ProgramId, calendar: Calendar) -> Self {
        Self { account_id, program_id, calendar, added: BTreeMap::new() }
    }

    /// Adds to the figures of the program as a whole. The currency is that of the amounts; without any, the program's.
    pub fn of_program(&mut self, at: DateTime<Utc>, currency: Currency, added: Added) {
        let (day, hour) = (self.calendar.day(at), Some(self.calendar.hour(at)));
        self.add(Place { partner_id: None, day, hour, currency }, added);
    }

    /// Adds to the figures of a partner.
    pub fn of_partner(&mut self, id: PartnerId, at: DateTime<Utc>, currency: Currency, added: Added) {
        let day = self.calendar.day(at);
        self.add(Place { partner_id: Some(id), day, hour: None, currency }, added);
    }

    fn add(&mut self, place: Place, added: Added) {
        *self.added.entry(place).or_default() += added;
    }

    /// Writes them down, in the caller's transaction; no statement if there is nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn append(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        let added = self.added.iter().filter(|(_, added)| !added.is_nothing());
        let rows: Vec<Row> = added.map(|(place, added)| self.row(*place, *added)).collect();
        for chunk in rows.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(stat_deltas::table)
                .values(chunk)
                .prepared_for(chunk.len())
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    fn row(&self, place: Place, added: Added) -> Row {
        let Place { partner_id, day, hour, currency } = place;
        let Added { applications, partners, signups, paying_customers, sales, revenue, rewards } = added;
        Row {
            account_id: self.account_id,
            program_id: self.program_id,
            partner_id,
            day,
            hour,
            currency,
            applications,
            partners,
            signups,
            paying_customers,
            sales,
            revenue,
            rewards,
        }
    }

    /// Whether anything of the program was ever counted: its days are those of its calendar, which must not change then.
    ///
    /// # Errors
    /// The database's.
    pub async fn any(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        program_id: ProgramId,
    ) -> QueryResult<bool> {
        let row: Any = diesel::sql_query(
            "SELECT EXISTS (SELECT FROM stat_deltas WHERE account_id = $1 AND program_id = $2) \
             OR EXISTS (SELECT FROM program_days WHERE account_id = $1 AND program_id = $2) AS found",
        )
        .bind::<Uuid, _>(account_id)
        .bind::<Uuid, _>(program_id)
        .get_result(conn)
        .await?;
        Ok(row.found)
    }
}
