use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{Array, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, ProgramId};
use money::Currency;

use super::{Month, Statement};
use crate::{
    act::Act,
    calendar::Calendar,
    programs::Program,
    schema::{partners, programs, statement_schedules},
};

/// Partners of one run, and programs.
const RANGE: i64 = 500;

/// Of these partners those to whom something became owed between two instants, or was paid, and in which currency. A reservation
/// moves nothing that is owed.
const MOVED: &str = "\
    SELECT DISTINCT a.partner_id, a.currency FROM ledger_accounts a \
    WHERE a.account_id = $1 AND a.partner_id = ANY ($2) AND a.kind IN ('AVAILABLE', 'RESERVED') AND ( \
        EXISTS (SELECT FROM ledger_transfers t WHERE t.account_id = $1 AND t.credit = a.id AND t.at >= $3 AND t.at < $4 \
            AND t.reason NOT IN ('RESERVED', 'UNRESERVED')) \
        OR EXISTS (SELECT FROM ledger_transfers t WHERE t.account_id = $1 AND t.debit = a.id AND t.at >= $3 AND t.at < $4 \
            AND t.reason NOT IN ('RESERVED', 'UNRESERVED'))) \
    ORDER BY a.partner_id, a.currency";

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = Uuid)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    currency: Currency,
}

/// Up to where a program's month is stated.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = statement_schedules)]
struct Due {
    program_id: ProgramId,
    account_id: AccountId,
    month: Month,
    due_at: chrono::DateTime<chrono::Utc>,
    up_to: Option<PartnerId>,
}

/// Asks, in the caller's transaction, for the statements of one range of partners of one program whose month is over; if there is
/// none, programs without a place in the schedule get one. Answers whether there may be more to do.
///
/// # Errors
/// The database's.
pub async fn request_due_statements(conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<bool> {
    use statement_schedules as s;
    let due: Option<Due> = s::table
        .filter(s::due_at.le(act.now))
        .order((s::due_at, s::program_id))
        .for_update()
        .skip_locked()
        .select(Due::as_select())
        .first(conn)
        .await
        .optional()?;
    match due {
        Some(due) => due.request_range(conn, act).await.map(|()| true),
        None => adopt(conn, act).await,
    }
}

impl Due {
    async fn request_range(mut self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        let program: Program =
            programs::table.find(self.program_id).select(Program::as_select()).first(conn).await?;
        let calendar = program.calendar();
        // The program has moved to another time zone since: its month is not over yet.
        if act.now < self.month.statable_from(calendar) {
            return self.store(conn, calendar).await;
        }
        let mut range = partners::table
            .filter(partners::account_id.eq(self.account_id))
            .filter(partners::program_id.eq(self.program_id))
            .into_boxed();
        if let Some(up_to) = self.up_to {
            range = range.filter(partners::id.gt(up_to));
        }
        let range: Vec<PartnerId> =
            range.order(partners::id).limit(RANGE).select(partners::id).load(conn).await?;
        let moved: Vec<Moved> = diesel::sql_query(MOVED)
            .bind::<Uuid, _>(self.account_id)
            .bind::<Array<Uuid>, _>(&range)
            .bind::<Timestamptz, _>(self.month.begin(calendar))
            .bind::<Timestamptz, _>(self.month.next().begin(calendar))
            .load(conn)
            .await?;
        let money = moved.into_iter().filter(|one| !one.currency.is_unit());
        let whose: Vec<_> = money.map(|one| (one.partner_id, one.currency)).collect();
        Statement::make(conn, &program, self.month, &whose, act).await?;
        match range.last().filter(|_| i64::try_from(range.len()) == Ok(RANGE)) {
            Some(last) => self.up_to = Some(*last),
            None => (self.month, self.up_to) = (self.month.next(), None),
        }
        self.store(conn, calendar).await
    }

    async fn store(&self, conn: &mut AsyncPgConnection, calendar: Calendar) -> QueryResult<()> {
        diesel::update(statement_schedules::table.find(self.program_id))
            .set((
                statement_schedules::month.eq(self.month),
                statement_schedules::due_at.eq(self.month.statable_from(calendar)),
                statement_schedules::up_to.eq(self.up_to),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// Gives programs that are new a place in the schedule, from the month of the day before on: what is older is stated when somebody
/// asks for it.
async fn adopt(conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<bool> {
    use statement_schedules as s;
    let known = s::table.filter(s::program_id.eq(programs::id)).select(s::program_id);
    let new: Vec<(ProgramId, AccountId, String)> = programs::table
        .filter(not(exists(known)))
        .order(programs::id)
        .limit(RANGE)
        .select((programs::id, programs::account_id, programs::time_zone))
        .load(conn)
        .await?;
    let rows: Vec<Due> = new
        .iter()
        .map(|(program_id, account_id, time_zone)| {
            let calendar = Calendar::of(time_zone);
            let month = Month::of(calendar.day(act.now - TimeDelta::days(1)));
            let due_at = month.statable_from(calendar);
            Due { program_id: *program_id, account_id: *account_id, month, due_at, up_to: None }
        })
        .collect();
    let made = diesel::insert_into(s::table).values(&rows).on_conflict_do_nothing().execute(conn).await?;
    Ok(made > 0)
}
