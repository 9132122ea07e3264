//! What every resolver has at hand.

use async_graphql::{Context, dataloader::DataLoader};
use domain::{
    act::{Act, Actor},
    db::{Conn, Db},
    scope::AccountScope,
};

use super::error::ApiError;
use crate::auth::Viewer;

/// One request: who asks, at what time, and the doors to the database. Put into the request's data by the edge.
pub struct Request {
    /// Who asks.
    pub viewer: Viewer,
    /// The circumstances of what they do.
    pub act: Act,
    /// The database.
    pub db: Db,
}

/// Loads rows by id in batches, one per request.
pub struct Loader {
    pub(crate) db: Db,
    pub(crate) scope: AccountScope,
}

impl Request {
    /// The request that is being answered.
    #[expect(clippy::expect_used, reason = "the edge puts it into every request before it executes")]
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data::<Self>().expect("the edge provides the request")
    }

    /// A connection of the pool.
    ///
    /// # Errors
    /// When none can be had in time.
    pub async fn conn(&self) -> Result<Conn, ApiError> {
        Ok(self.db.get().await?)
    }

    /// The account that is asked about.
    ///
    /// # Errors
    /// When the viewer is nobody, or has several accounts and named none. Guarded fields never get there.
    pub fn scope(&self) -> Result<&AccountScope, ApiError> {
        self.viewer.reach.as_ref().map(|reach| &reach.scope).ok_or_else(|| self.viewer.unreached())
    }

    /// The loaders of this request.
    ///
    /// # Errors
    /// As [`Request::scope`].
    pub fn loader<'a>(ctx: &Context<'a>) -> Result<&'a DataLoader<Loader>, ApiError> {
        ctx.data::<DataLoader<Loader>>().map_err(|_| ApiError::Unauthenticated)
    }

    /// The request as data of an async-graphql request, with its loaders.
    pub fn into_data(self) -> async_graphql::Data {
        let mut data = async_graphql::Data::default();
        if let Some(reach) = &self.viewer.reach {
            let loader = Loader { db: self.db.clone(), scope: reach.scope.clone() };
            data.insert(DataLoader::new(loader, tokio::spawn).max_batch_size(1_000));
        }
        data.insert(self);
        data
    }

    /// Who acts; nobody acts as the system does.
    pub fn actor(viewer: &Viewer) -> Actor {
        viewer.actor.unwrap_or(Actor::System)
    }
}
