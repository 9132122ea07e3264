use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ExchangeRateId;
use money::Currency;

use super::ExchangeRate;
use crate::{
    page::{Page, PageArgs},
    schema::exchange_rates,
    scope::AccountScope,
};

/// Which rates a list shows; `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct RateFilter {
    /// From this currency.
    pub from: Option<Currency>,
    /// To this currency.
    pub to: Option<Currency>,
}

/// Where a rate stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatePlace {
    at: DateTime<Utc>,
    id: ExchangeRateId,
}

/// No place in a list of rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place in a list of rates")]
pub struct NoRatePlace;

impl fmt::Display for RatePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for RatePlace {
    type Err = NoRatePlace;

    fn from_str(text: &str) -> Result<Self, NoRatePlace> {
        let (micros, id) = text.split_once(':').ok_or(NoRatePlace)?;
        let at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(NoRatePlace)?;
        Ok(Self { at, id: id.parse().map_err(|_| NoRatePlace)? })
    }
}

impl ExchangeRate {
    /// Where it stands in a list.
    pub fn place(&self) -> RatePlace {
        RatePlace { at: self.at, id: self.id }
    }

    /// The rates of these ids, of the account; in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[ExchangeRateId],
    ) -> QueryResult<Vec<Self>> {
        exchange_rates::table
            .filter(exchange_rates::account_id.eq(scope.account_id))
            .filter(exchange_rates::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// A page of the account's rates, the latest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RateFilter,
        page: PageArgs<RatePlace>,
    ) -> QueryResult<Page<Self>> {
        let mut query =
            Self::matching(scope, filter).order((exchange_rates::at.desc(), exchange_rates::id.desc()));
        if let Some(after) = page.after {
            let behind = exchange_rates::at
                .lt(after.at)
                .or(exchange_rates::at.eq(after.at).and(exchange_rates::id.lt(after.id)));
            query = query.filter(behind);
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many rates match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &RateFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<ExchangeRateId> =
            Self::matching(scope, filter).limit(cap).select(exchange_rates::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching(
        scope: &AccountScope,
        filter: &RateFilter,
    ) -> exchange_rates::BoxedQuery<'static, diesel::pg::Pg> {
        let mut query =
            exchange_rates::table.filter(exchange_rates::account_id.eq(scope.account_id)).into_boxed();
        if let Some(from) = filter.from {
            query = query.filter(exchange_rates::from_currency.eq(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(exchange_rates::to_currency.eq(to));
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use ids::IdSource;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let at = "2026-11-24T15:00:00.000001Z".parse().unwrap();
        let place = RatePlace { at, id: IdSource::seeded(1).next(at) };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!("12".parse::<RatePlace>(), Err(NoRatePlace));
    }
}
