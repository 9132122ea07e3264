use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, StatementId};
use money::Currency;
use queue::NewJob;

use super::{Month, PaperStatus, RenderStatement, Statement};
use crate::{
    act::Act, audit, ledger::Balance, partners::Partner, programs::Program, schema::statements,
    scope::AccountScope,
};

/// A statement that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStatement {
    /// Who is owed.
    pub partner_id: PartnerId,
    /// In which currency.
    pub currency: Currency,
    /// In which month of the program's calendar.
    pub month: Month,
}

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// Units are redeemed: nobody is owed them.
    #[error("units are not owed")]
    Unit,
    /// The partner never earned anything in this currency.
    #[error("nothing in this currency")]
    NothingInCurrency,
    /// The month ended before the partner was one.
    #[error("the partner came in {since}")]
    BeforePartner {
        /// The month in which the partner came.
        since: Month,
    },
    /// The month is not over, or not long enough.
    #[error("cannot be stated before {from}")]
    NotOver {
        /// From when on it can be stated.
        from: DateTime<Utc>,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Statement {
    /// Asks for the statement of a partner, a currency and a month that is over; a job renders it. The same again answers with
    /// the same statement.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn request(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewStatement,
        act: &Act,
    ) -> Result<Self, RequestError> {
        conn.transaction(async |conn| {
            let partner = Partner::find(conn, scope, said.partner_id).await?.ok_or(RequestError::NotFound)?;
            let program =
                Program::find(conn, scope, partner.program_id).await?.ok_or(RequestError::NotFound)?;
            said.check(&program, &partner, act.now)?;
            let balances = Balance::of_partners(conn, scope, &[partner.id]).await?;
            if !balances.iter().any(|balance| balance.currency == said.currency) {
                return Err(RequestError::NothingInCurrency);
            }
            let made =
                Self::make(conn, &program, said.month, &[(partner.id, said.currency)], act).await?.pop();
            let Some(made) = made else { return Ok(Self::of_month(conn, scope, said).await?) };
            audit::record(conn, act, made.account_id, "statementRequest", made.id, (None, Some(&made)))
                .await?;
            Ok(made)
        })
        .await
    }

    /// Makes pending statements of a month where there are none, with the jobs that render them. The month is over, and the
    /// partners are the program's.
    pub(super) async fn make(
        conn: &mut AsyncPgConnection,
        program: &Program,
        month: Month,
        whose: &[(PartnerId, Currency)],
        act: &Act,
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = whose.iter().map(|whose| Self::pending(program, month, *whose, act)).collect();
        let made: Vec<Self> = diesel::insert_into(statements::table)
            .values(&rows)
            .on_conflict(diesel::upsert::on_constraint("statements_month_key"))
            .do_nothing()
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let job = |one: &Self| {
            NewJob::of(&RenderStatement { account_id: one.account_id, statement_id: one.id })
                .account(one.account_id)
                .caused_by(act.request_id.clone(), act.traceparent.clone())
        };
        queue::enqueue(conn, act.now, &act.ids, &made.iter().map(job).collect::<Vec<_>>()).await?;
        Ok(made)
    }

    fn pending(
        program: &Program,
        month: Month,
        (partner_id, currency): (PartnerId, Currency),
        act: &Act,
    ) -> Self {
        let id: StatementId = act.ids.next(act.now);
        Self {
            id,
            account_id: program.account_id,
            program_id: program.id,
            partner_id,
            currency,
            month,
            number: Self::number_of(id, month),
            status: PaperStatus::Pending,
            opening: None,
            closing: None,
            pdf_id: None,
            csv_id: None,
            json_id: None,
            signature: None,
            key_id: None,
            requested_by: act.actor.to_string(),
            created_at: act.now,
            ready_at: None,
        }
    }

    /// The statement that there is already.
    async fn of_month(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewStatement,
    ) -> QueryResult<Self> {
        statements::table
            .filter(statements::account_id.eq(scope.account_id))
            .filter(statements::partner_id.eq(said.partner_id))
            .filter(statements::currency.eq(said.currency))
            .filter(statements::month.eq(said.month))
            .select(Self::as_select())
            .first(conn)
            .await
    }
}

impl NewStatement {
    fn check(&self, program: &Program, partner: &Partner, now: DateTime<Utc>) -> Result<(), RequestError> {
        if self.currency.is_unit() {
            return Err(RequestError::Unit);
        }
        let calendar = program.calendar();
        let since = Month::of(calendar.day(partner.created_at));
        if self.month < since {
            return Err(RequestError::BeforePartner { since });
        }
        let from = self.month.statable_from(calendar);
        if now < from { Err(RequestError::NotOver { from }) } else { Ok(()) }
    }
}
