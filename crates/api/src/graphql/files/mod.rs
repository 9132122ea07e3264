//! Files: invoices that were given, and files that were made for banks.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, TimeDelta, Utc};
use ids::FileId;

use super::{context::Request, error::ApiError, loading::load_by_id, users::Actor};
use crate::{auth::Gate, http::PublicUrl};

load_by_id!(FileId => File of domain::files::File);

/// How long a link to a file works.
const LINK_WORKS: TimeDelta = TimeDelta::minutes(10);

/// Bytes that somebody gave, or that were made. They never change. Give one by `POST /files`: its bytes as the body, its media type
/// as `Content-Type`, its name as `?name=`; the answer is `{"id": "fil_..."}`.
#[derive(Clone)]
pub struct File(domain::files::File);

impl From<domain::files::File> for File {
    fn from(file: domain::files::File) -> Self {
        Self(file)
    }
}

impl File {
    /// The file of that id, if there is one: whoever shows it has found what it belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(ctx: &Context<'_>, id: Option<FileId>) -> Result<Option<Self>, ApiError> {
        let Some(id) = id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }
}

/// Bytes that somebody gave, or that were made. They never change. Give one by `POST /files`: its bytes as the body, its media type
/// as `Content-Type`, its name as `?name=`; the answer is `{"id": "fil_..."}`.
#[Object]
impl File {
    /// `fil_...`
    async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its media type, e.g. `application/pdf`.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// SHA-256 of its bytes, in hexadecimal. Null of a file that is kept sealed, as files for banks and all that is given are
    /// where the instance has `PAYOUT_KEYS`.
    async fn sha256(&self) -> Option<String> {
        self.0.sha256.as_deref().map(super::hex)
    }

    /// A link that downloads it. Whoever has the link needs nothing else, and it works for 10 minutes: ask for another one then.
    async fn url(&self, ctx: &Context<'_>) -> String {
        let expires = (Request::of(ctx).act.now + LINK_WORKS).timestamp();
        let (account, id) = (self.0.account_id, self.0.id);
        let signature = Gate::of(ctx).secrets.file_signature(account, id, expires);
        let origin = ctx.data_opt::<PublicUrl>().map_or("", PublicUrl::origin);
        format!("{origin}/files/{id}?account={account}&expires={expires}&signature={}", signature.expose())
    }

    /// Who gave it, or the job that made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::of_stored(ctx, &self.0.created_by).await
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
