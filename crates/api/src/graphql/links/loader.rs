use std::collections::{HashMap, HashSet};

use async_graphql::dataloader::Loader as BatchLoader;
use domain::links::Link;
use ids::{LinkId, PartnerId};

use crate::graphql::{context::Loader, error::ApiError};

/// The key of a partner's links behind one of them, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinksOf {
    /// The partner.
    pub partner: PartnerId,
    /// The last link seen.
    pub after: Option<LinkId>,
}

/// The key of how many links a partner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkCountOf(pub PartnerId);

impl BatchLoader<LinksOf> for Loader {
    type Value = Vec<Link>;
    type Error = ApiError;

    async fn load(&self, keys: &[LinksOf]) -> Result<HashMap<LinksOf, Vec<Link>>, ApiError> {
        let mut conn = self.db.get().await?;
        let mut links: HashMap<LinksOf, Vec<Link>> = HashMap::new();
        // One place to go on behind is what a page of partners has; more come of aliases alone.
        for after in keys.iter().map(|key| key.after).collect::<HashSet<_>>() {
            let wanted = keys.iter().filter(|key| key.after == after);
            let partners: Vec<_> = wanted.map(|key| key.partner).collect();
            for link in Link::of_partners(&mut conn, &self.scope, &partners, after).await? {
                links.entry(LinksOf { partner: link.partner_id, after }).or_default().push(link);
            }
        }
        Ok(links)
    }
}

impl BatchLoader<LinkCountOf> for Loader {
    type Value = i64;
    type Error = ApiError;

    async fn load(&self, keys: &[LinkCountOf]) -> Result<HashMap<LinkCountOf, i64>, ApiError> {
        let partners: Vec<_> = keys.iter().map(|key| key.0).collect();
        let counts = Link::count_of_partners(&mut *self.db.get().await?, &self.scope, &partners).await?;
        Ok(counts.into_iter().map(|(partner, count)| (LinkCountOf(partner), count)).collect())
    }
}
