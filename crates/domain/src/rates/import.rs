use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, JobId};
use money::Currency;
use queue::NewJob;
use serde::Serialize;

use super::{ExchangeRate, Feed, FeedError, ImportRates, RateHosts, UrlRefused, store::Storing};
use crate::{act::Act, audit, schema::programs, scope::AccountScope};

/// How many days are stored at a time: a history has thousands.
const DAYS: usize = 50;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Rates that were stored.
    pub stored: usize,
    /// Rates that stood already.
    pub unchanged: usize,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A credential that is limited to some programs: rates are the account's.
    #[error("limited to some programs")]
    Limited,
    /// The text is no feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The address is not one to import from.
    #[error(transparent)]
    Url(#[from] UrlRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl ExchangeRate {
    /// Imports the text of a feed, and answers with it what was done. What stands already is not stored again.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn import_text(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        text: &str,
        act: &Act,
    ) -> Result<(Feed, Imported), ImportError> {
        if !scope.is_whole() {
            return Err(ImportError::Limited);
        }
        let feed = Feed::read(text)?;
        let done =
            conn.transaction(async |conn| Self::import(conn, scope.account_id, &feed, act).await).await?;
        Ok((feed, done))
    }

    /// Stores the rates of a feed for an account, and with them those to the currencies of its programs, in the caller's
    /// transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn import(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        feed: &Feed,
        act: &Act,
    ) -> QueryResult<Imported> {
        let wanted: Vec<Currency> = programs::table
            .filter(programs::account_id.eq(account_id))
            .select(programs::currency)
            .distinct()
            .order(programs::currency)
            .load(conn)
            .await?;
        let (mut storing, mut all) = (Storing::begin(conn, account_id).await?, 0);
        for days in feed.days.chunks(DAYS) {
            let rows: Vec<_> = days.iter().flat_map(|day| day.rows(&wanted)).collect();
            storing.add(conn, &rows, act).await?;
            all += rows.len();
        }
        let stored = storing.end(conn, act).await?;
        let done = Imported { stored, unchanged: all.saturating_sub(stored) };
        audit::record(conn, act, account_id, "ratesImport", account_id, (None, Some(&done))).await?;
        Ok(done)
    }

    /// Has a feed imported from an address by a job, and answers which: one that already waits for it, if there is one.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn import_later(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        (url, hosts): (&str, &RateHosts),
        act: &Act,
    ) -> Result<JobId, ImportError> {
        if !scope.is_whole() {
            return Err(ImportError::Limited);
        }
        let url = hosts.admit(url)?.to_string();
        let account_id = scope.account_id;
        let job = NewJob::of(&ImportRates { account_id, url })
            .account(account_id)
            .caused_by(act.request_id.clone(), act.traceparent.clone());
        let enqueued = queue::enqueue(conn, act.now, &act.ids, &[job]).await?.pop();
        enqueued.ok_or(ImportError::Database(diesel::result::Error::NotFound))
    }
}
