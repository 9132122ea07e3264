//! Exchange rates.

mod inputs;
mod loader;
mod object;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{
    page::PageArgs,
    rates::{Feed, ImportError, Imported, RateFilter, RatePlace, StoreError, UrlRefused},
};
use ids::{ExchangeRateId, JobId};
use inputs::{RateInput, RatesImportInput};
pub use loader::RateAt;
pub use object::ExchangeRate;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
    scalars::CurrencyCode,
    years::CommonYears,
};
use crate::auth::Gate;

load_by_id!(ExchangeRateId => ExchangeRate of domain::rates::ExchangeRate);

connection!(
    /// Exchange rates, the latest first.
    ExchangeRateConnection, ExchangeRateEdge, ExchangeRate, domain::rates::ExchangeRate, |row| row.place()
);

payload!(
    /// What storing a rate answers.
    RateStorePayload {
        /// The rate that stands: the one that was stored, or the same that was there; null when it was refused.
        rate: ExchangeRate
    }
);

/// What importing rates answers.
#[derive(SimpleObject, Default)]
pub struct RatesImportPayload {
    /// How many rates of the file were stored, those that were derived among them; null of an address.
    stored: Option<i32>,
    /// How many were stored before; null of an address.
    unchanged: Option<i32>,
    /// Codes in the file that are no currency in use any more, and were left out.
    skipped: Vec<String>,
    /// The job that imports from the address; null of a file.
    job_id: Option<ID>,
    /// What is wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What can be asked about exchange rates.
#[derive(Default)]
pub struct RateQuery;

#[Object]
impl RateQuery {
    /// The exchange rates of the account, the latest first.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn rates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those from this currency.")] from: Option<CurrencyCode>,
        #[graphql(desc = "Only those to this currency.")] to: Option<CurrencyCode>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<ExchangeRateConnection, ApiError> {
        let request = Request::of(ctx);
        let filter = RateFilter { from: from.map(|code| code.0), to: to.map(|code| code.0) };
        let page: PageArgs<RatePlace> = PageArgs::new(first.into(), connection::key(after)?);
        let (mut conn, scope) = (request.conn().await?, request.scope()?);
        let rows = domain::rates::ExchangeRate::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::rates::ExchangeRate::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(ExchangeRateConnection::of(rows, page.after.is_none(), total))
    }

    /// The rate that counts at an instant: the latest at or before it, and of two of one time the one stored later; or null.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn rate_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is converted.")] from: CurrencyCode,
        #[graphql(desc = "What it is converted to.")] to: CurrencyCode,
        #[graphql(desc = "When; now when left out.", validator(custom = "CommonYears"))] at: Option<
            DateTime<Utc>,
        >,
    ) -> Result<Option<ExchangeRate>, ApiError> {
        let at = at.unwrap_or(Request::of(ctx).act.now);
        let found = Request::loader(ctx)?.load_one(RateAt(from.0, to.0, at)).await?;
        Ok(found.map(ExchangeRate))
    }
}

/// What can be done with exchange rates.
#[derive(Default)]
pub struct RateMutation;

#[Object]
impl RateMutation {
    /// Stores an exchange rate of the account. The same currencies, time, source and rate again change nothing; another rate is
    /// stored besides, and counts from then on. Sales that wait for a rate are computed a moment later.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn rate_store(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rate.")] input: RateInput,
    ) -> Result<RateStorePayload, ApiError> {
        let request = Request::of(ctx);
        let (mut conn, scope) = (request.conn().await?, request.scope()?);
        let done = domain::rates::ExchangeRate::store(&mut conn, scope, &input.into(), &request.act).await;
        RateStorePayload::of(done)
    }

    /// Imports reference rates of the European Central Bank, from a file or an address. They count from 16:00 in Frankfurt on. Besides
    /// the rates from the euro those to the currencies of your programs are stored, derived and rounded to 18 significant digits,
    /// half to even. A file is bounded by what a request may have (256 KiB: some ten months of days as XML): longer histories
    /// come by their address. Whoever is limited to programs cannot import. The same file again changes nothing; after a program in
    /// another currency was made it adds what that needs.
    #[graphql(directive = needs::apply(Permission::ProgramsWrite), guard = "Needs(Permission::ProgramsWrite)")]
    async fn rates_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file or its address.")] input: RatesImportInput,
    ) -> Result<RatesImportPayload, ApiError> {
        let done = match (input.file, input.url) {
            (Some(file), None) => import(ctx, &file).await.map(RatesImportPayload::from),
            (None, Some(url)) => import_later(ctx, &url).await.map(RatesImportPayload::from),
            (None, None) => Err(one_of_two(UserErrorCode::Required)),
            (Some(_), Some(_)) => Err(one_of_two(UserErrorCode::Invalid)),
        };
        match done {
            Ok(payload) => Ok(payload),
            Err(Refusal::User(user_errors)) => {
                Ok(RatesImportPayload { user_errors, ..RatesImportPayload::default() })
            }
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

async fn import(ctx: &Context<'_>, file: &str) -> Result<(Feed, Imported), Refusal> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let scope = request.scope().map_err(Refusal::Api)?;
    Ok(domain::rates::ExchangeRate::import_text(&mut conn, scope, file, &request.act).await?)
}

async fn import_later(ctx: &Context<'_>, url: &str) -> Result<JobId, Refusal> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let scope = request.scope().map_err(Refusal::Api)?;
    let from = (url, &Gate::of(ctx).rate_hosts);
    Ok(domain::rates::ExchangeRate::import_later(&mut conn, scope, from, &request.act).await?)
}

impl From<(Feed, Imported)> for RatesImportPayload {
    fn from((feed, done): (Feed, Imported)) -> Self {
        let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        Self {
            stored: count(done.stored),
            unchanged: count(done.unchanged),
            skipped: feed.skipped.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl From<JobId> for RatesImportPayload {
    fn from(job: JobId) -> Self {
        Self { job_id: Some(job.into()), ..Self::default() }
    }
}

fn one_of_two(code: UserErrorCode) -> Refusal {
    UserError::at(&["input", "file"], code, "Give the text of a file, or an address.").into()
}

fn limited() -> Refusal {
    let sentence = "Rates are the account's, and you are limited to some of its programs.";
    UserError::new(UserErrorCode::Forbidden, sentence).into()
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Limited => limited(),
            StoreError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            StoreError::Database(error) => error.into(),
        }
    }
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        let at = |field: &str, sentence: String| {
            UserError::at(&["input", field], UserErrorCode::Invalid, sentence).into()
        };
        match error {
            ImportError::Limited => limited(),
            ImportError::Feed(error) => at("file", format!("This is no file of reference rates: {error}.")),
            ImportError::Url(UrlRefused::Malformed) => {
                at("url", "This is no address that begins with http:// or https://.".to_owned())
            }
            ImportError::Url(UrlRefused::Host { host }) => {
                at("url", format!("This instance does not import rates from {host}."))
            }
            ImportError::Database(error) => error.into(),
        }
    }
}
