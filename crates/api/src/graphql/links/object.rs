use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::enums::LinkStatus;
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    partners::Partner,
};

/// An address that a partner spreads, and that names them.
#[derive(Clone)]
pub struct Link(pub domain::links::Link);

impl From<domain::links::Link> for Link {
    fn from(link: domain::links::Link) -> Self {
        Self(link)
    }
}

/// An address that a partner spreads, and that names them.
#[Object]
impl Link {
    /// `lnk_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Whose it is.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.partner_id).await
    }

    /// What names the partner in the address, in lower case; unique in the program.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Where it leads, without the slug.
    async fn destination(&self) -> &str {
        &self.0.destination
    }

    /// The address to spread: the destination with the slug in it, the way the program wants links to look.
    async fn url(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        // A link in reach has its program in reach: none is a bug.
        let program = Request::loader(ctx)?.load_one(self.0.program_id).await?.ok_or(ApiError::Internal)?;
        Ok(self.0.url(&program.0))
    }

    /// Whether it is the partner's first.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// Whether it works.
    async fn status(&self) -> LinkStatus {
        self.0.status.into()
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
