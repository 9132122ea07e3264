use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, SubsecRound, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, Numeric, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, ExchangeRateId, ProgramId, TypedId};
use money::{Currency, Rate};
use rust_decimal::Decimal;

use super::{ExchangeRate, RateRow, StoredPayload};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind, NewEvent},
    schema::{accounts, exchange_rates, programs},
    scope::AccountScope,
    text::{self, Checks, FieldProblem, TextProblem},
};

/// How many rates one statement stores.
const CHUNK: usize = 5_000;

/// A rate as the caller says it.
#[derive(Debug, Clone)]
pub struct NewRate {
    /// What is converted.
    pub from: Currency,
    /// What it is converted to; another one.
    pub to: Currency,
    /// How many major units of the one are given for one of the other; above 0, at most 1,000,000,000.
    pub rate: Decimal,
    /// From when on it counts, cut to microseconds.
    pub at: DateTime<Utc>,
    /// Who says so: 1 to 200 characters.
    pub source: String,
}

/// Why a rate was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A credential that is limited to some programs: rates are the account's.
    #[error("limited to some programs")]
    Limited,
    /// Fields that are refused, all at once.
    #[error("invalid fields")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl NewRate {
    fn checked(&self) -> Result<RateRow, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let source = checks.take("source", text::line(&self.source, 200));
        let rate = checks.take("rate", Rate::new(self.rate).map_err(|_| TextProblem::Malformed));
        if self.from == self.to {
            checks.take("to", Err::<(), _>(TextProblem::Malformed));
        }
        let (source, rate) = checks.done((source.unwrap_or_default(), rate.unwrap_or(Rate::ONE)))?;
        Ok(RateRow { from: self.from, to: self.to, rate, at: self.at.trunc_subsecs(6), source })
    }
}

impl ExchangeRate {
    /// Stores a rate of the account, and answers the one that stands: the same pair, time, source and rate again changes nothing;
    /// another rate is stored later, and counts from then on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn store(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewRate,
        act: &Act,
    ) -> Result<Self, StoreError> {
        if !scope.is_whole() {
            return Err(StoreError::Limited);
        }
        let row = said.checked().map_err(StoreError::Invalid)?;
        conn.transaction(async |conn| {
            let mut storing = Storing::begin(conn, scope.account_id).await?;
            storing.add(conn, std::slice::from_ref(&row), act).await?;
            let stored = storing.end(conn, act).await?;
            let found: Self = exchange_rates::table
                .filter(exchange_rates::account_id.eq(scope.account_id))
                .filter(exchange_rates::from_currency.eq(row.from))
                .filter(exchange_rates::to_currency.eq(row.to))
                .filter(exchange_rates::at.eq(row.at))
                .filter(exchange_rates::source.eq(&row.source))
                .order(exchange_rates::seq.desc())
                .select(Self::as_select())
                .first(conn)
                .await?;
            if stored > 0 {
                audit::record(conn, act, scope.account_id, "rateStore", found.id, (None, Some(&found)))
                    .await?;
            }
            Ok(found)
        })
        .await
    }
}

/// $1 account, $2 to $7 the rates in step, $8 now. What stands already is left out.
const STORE: &str = "\
    INSERT INTO exchange_rates (id, account_id, from_currency, to_currency, rate, at, source, stored_at) \
    SELECT n.id, $1, n.from_currency, n.to_currency, n.rate, n.at, n.source, $8 \
    FROM unnest($2, $3, $4, $5, $6, $7) WITH ORDINALITY AS n (id, from_currency, to_currency, rate, at, source, place) \
    WHERE n.rate IS DISTINCT FROM (SELECT e.rate FROM exchange_rates e WHERE e.account_id = $1 \
    AND e.from_currency = n.from_currency AND e.to_currency = n.to_currency AND e.at = n.at AND e.source = n.source \
    ORDER BY e.seq DESC LIMIT 1) ORDER BY n.place RETURNING id, from_currency, to_currency, at";

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Uuid)]
    id: ExchangeRateId,
    #[diesel(sql_type = Text)]
    from_currency: Currency,
    #[diesel(sql_type = Text)]
    to_currency: Currency,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// An act that stores rates of an account, some at a time.
pub(super) struct Storing {
    account_id: AccountId,
    count: usize,
    /// The earliest that was stored of each pair, to and from.
    earliest: BTreeMap<(Currency, Currency), (DateTime<Utc>, ExchangeRateId)>,
}

impl Storing {
    /// Begins, in the caller's transaction. Acts of an account take turns, so that "stored later" has a meaning.
    pub(super) async fn begin(conn: &mut AsyncPgConnection, account_id: AccountId) -> QueryResult<Self> {
        let locked = accounts::table.find(account_id).select(accounts::id).for_no_key_update();
        locked.first::<AccountId>(conn).await?;
        Ok(Self { account_id, count: 0, earliest: BTreeMap::new() })
    }

    /// Stores what of these rates does not stand already, in their order.
    pub(super) async fn add(
        &mut self,
        conn: &mut AsyncPgConnection,
        rows: &[RateRow],
        act: &Act,
    ) -> QueryResult<()> {
        for chunk in last_of_each(rows).chunks(CHUNK) {
            let ids: Vec<uuid::Uuid> =
                chunk.iter().map(|_| act.ids.next::<ExchangeRateId>(act.now).uuid()).collect();
            let stored: Vec<Stored> = sql_query(STORE)
                .bind::<Uuid, _>(self.account_id)
                .bind::<Array<Uuid>, _>(ids)
                .bind::<Array<Text>, _>(chunk.iter().map(|row| row.from).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(chunk.iter().map(|row| row.to).collect::<Vec<_>>())
                .bind::<Array<Numeric>, _>(chunk.iter().map(|row| row.rate).collect::<Vec<_>>())
                .bind::<Array<Timestamptz>, _>(chunk.iter().map(|row| row.at).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(chunk.iter().map(|row| row.source.as_str()).collect::<Vec<_>>())
                .bind::<Timestamptz, _>(act.now)
                .load(conn)
                .await?;
            self.count += stored.len();
            for rate in stored {
                let this = (rate.at, rate.id);
                let first = self.earliest.entry((rate.to_currency, rate.from_currency)).or_insert(this);
                *first = this.min(*first);
            }
        }
        Ok(())
    }

    /// Ends: one event for each program and currency that is converted to the program's, of the earliest of the rates, since what
    /// happened after it may be computed now. Answers how many rates were stored.
    pub(super) async fn end(self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<usize> {
        if self.earliest.is_empty() {
            return Ok(self.count);
        }
        let to: Vec<Currency> = self.earliest.keys().map(|(to, _)| *to).collect();
        let converting: Vec<(ProgramId, Currency)> = programs::table
            .filter(programs::account_id.eq(self.account_id))
            .filter(programs::currency.eq_any(to))
            .order(programs::id)
            .select((programs::id, programs::currency))
            .load(conn)
            .await?;
        let mut new = Vec::new();
        for (program_id, currency) in converting {
            for ((to, from), (at, id)) in self.earliest.iter().filter(|((to, _), _)| *to == currency) {
                let payload = StoredPayload { from: *from, to: *to, at: *at };
                let kind = EventKind::RateStored;
                new.push(NewEvent::of_program(self.account_id, program_id, kind, *id, &payload));
            }
        }
        events::record(conn, act, &new).await?;
        Ok(self.count)
    }
}

/// Of several rates of one pair, time and source the last one counts.
fn last_of_each(rows: &[RateRow]) -> Vec<&RateRow> {
    let key = |row: &RateRow| (row.from, row.to, row.at, row.source.clone());
    let last: HashMap<_, usize> = rows.iter().enumerate().map(|(place, row)| (key(row), place)).collect();
    let is_last = |(place, row): &(usize, &RateRow)| last.get(&key(row)) == Some(place);
    rows.iter().enumerate().filter(is_last).map(|(_, row)| row).collect()
}
