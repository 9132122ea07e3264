use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::rates::{ExchangeRate, Feed, ImportRates, RateHosts};
use ids::IdSource;

use super::fetch;
use crate::{
    handler::{Call, Claimed, Failure},
    progress::Progress,
};

/// Imports a feed of rates from an address: reads it, and stores what it says in the transaction that ends the job. Done twice it
/// changes nothing.
pub struct ImportRatesHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Who may be called.
    pub hosts: RateHosts,
}

impl ImportRatesHandler {
    async fn read(&self, url: &str) -> Result<Feed, Failure> {
        let url = self.hosts.admit(url).map_err(|error| Failure::Abort(error.to_string()))?;
        let text = fetch::text(&url).await?;
        Feed::read(&text).map_err(|error| Failure::Abort(format!("{url}: {error}")))
    }
}

impl Call for ImportRatesHandler {
    type Job = ImportRates;
    type Outcome = Feed;

    async fn call(&self, jobs: &[Claimed<ImportRates>], progress: &Progress<Feed>) {
        for (place, job) in jobs.iter().enumerate() {
            let end = match progress.is_stopping() {
                true => Err(Failure::NotBegun),
                false => self.read(&job.args.url).await,
            };
            progress.ended(place, end);
        }
    }

    async fn record(
        &self,
        conn: &mut AsyncPgConnection,
        ends: &[(&Claimed<ImportRates>, &Feed)],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for (job, feed) in ends {
            let act = job.circumstances(now, &self.ids);
            let done = ExchangeRate::import(conn, job.args.account_id, feed, &act).await?;
            tracing::info!(stored = done.stored, unchanged = done.unchanged, "imported rates");
        }
        Ok(())
    }
}
