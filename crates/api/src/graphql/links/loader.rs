use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use ids::{LinkId, PartnerId};

use super::Link;
use crate::graphql::{context::Loader, error::ApiError};

/// How many links a partner shows.
const LINKS_OF_PARTNER: i64 = 100;

/// The key of a partner's links, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinksOf(pub PartnerId);

impl BatchLoader<LinkId> for Loader {
    type Value = Link;
    type Error = ApiError;

    async fn load(&self, ids: &[LinkId]) -> Result<HashMap<LinkId, Link>, ApiError> {
        let rows = domain::links::Link::find_all(&mut *self.db.get().await?, &self.scope, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Link(row))).collect())
    }
}

impl BatchLoader<LinksOf> for Loader {
    type Value = Vec<Link>;
    type Error = ApiError;

    async fn load(&self, keys: &[LinksOf]) -> Result<HashMap<LinksOf, Vec<Link>>, ApiError> {
        let partners: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut conn = self.db.get().await?;
        let rows =
            domain::links::Link::of_partners(&mut conn, &self.scope, &partners, LINKS_OF_PARTNER).await?;
        let mut links: HashMap<LinksOf, Vec<Link>> = HashMap::new();
        for row in rows {
            links.entry(LinksOf(row.partner_id)).or_default().push(Link(row));
        }
        Ok(links)
    }
}
