//! Links of partners.

mod enums;
mod inputs;
mod loader;
mod object;

use async_graphql::{Context, Object};
use domain::{
    links::{CreateError, UpdateError},
    page::{Page, PageArgs},
};
pub use enums::LinkStatus;
use ids::{LinkId, PartnerId};
pub use inputs::{LinkCreateInput, LinkFilter, LinkUpdateInput};
use loader::{LinkCountOf, LinksOf};
pub use object::Link;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(LinkId => Link of domain::links::Link);

impl LinkConnection {
    /// A partner's links, oldest first, loaded together with those of its neighbours.
    ///
    /// # Errors
    /// When the cursor cannot be read or the database fails.
    pub async fn of_partner(
        ctx: &Context<'_>,
        partner: PartnerId,
        first: i32,
        after: Option<String>,
    ) -> Result<Self, ApiError> {
        let (loader, page) = (Request::loader(ctx)?, PageArgs::new(first.into(), connection::key(after)?));
        let loaded = loader.load_one(LinksOf { partner, after: page.after }).await?.unwrap_or_default();
        let total = match connection::wants_total(ctx) {
            true => Some(loader.load_one(LinkCountOf(partner)).await?.unwrap_or(0)),
            false => None,
        };
        Ok(Self::of(Page::of(loaded, &page), page.after.is_none(), total))
    }
}

connection!(
    /// Links in the order that the field says.
    LinkConnection, LinkEdge, Link, domain::links::Link, |row| row.id
);

payload!(
    /// What a mutation of a link answers.
    LinkPayload {
        /// The link as it is now; null when nothing was done.
        link: Link
    }
);

/// What can be asked about links.
#[derive(Default)]
pub struct LinkQuery;

#[Object]
impl LinkQuery {
    /// The links in reach, newest first.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn links(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which links.")] filter: Option<LinkFilter>,
    ) -> Result<LinkConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::links::Link::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::links::Link::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(LinkConnection::of(rows, page.after.is_none(), total))
    }

    /// The link of this id, or null.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`lnk_...`")] id: LinkId,
    ) -> Result<Option<Link>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}

/// What can be done with links.
#[derive(Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Creates a link of a partner; the first is the default one. Suspended and rejected partners get none, nor does an
    /// archived program.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn link_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose it is: `prt_...`")] partner_id: PartnerId,
        #[graphql(desc = "The link.")] input: LinkCreateInput,
    ) -> Result<LinkPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let new = input.of(partner_id);
        LinkPayload::of(domain::links::Link::create(&mut conn, request.scope()?, &new, &request.act).await)
    }

    /// Changes where a link leads, or whether it works.
    #[graphql(directive = needs::apply(Permission::PartnersWrite), guard = "Needs(Permission::PartnersWrite)")]
    async fn link_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`lnk_...`")] id: LinkId,
        #[graphql(desc = "What changes.")] input: LinkUpdateInput,
    ) -> Result<LinkPayload, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        LinkPayload::of(
            domain::links::Link::update(&mut conn, request.scope()?, id, &input.into(), &request.act).await,
        )
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateError::PartnerNotFound => UserError::not_found("partnerId", "partner").into(),
            CreateError::WrongState { current } => UserError::wrong_state("partner", current).into(),
            CreateError::ProgramArchived => {
                UserError::wrong_state("program", domain::programs::ProgramStatus::Archived).into()
            }
            CreateError::DestinationMissing => {
                let sentence = "This must be given: the program has no website.";
                UserError::at(&["input", "destination"], UserErrorCode::Required, sentence).into()
            }
            CreateError::SlugTaken => {
                let sentence = "Another link of this program has this slug.";
                UserError::at(&["input", "slug"], UserErrorCode::Taken, sentence).into()
            }
            CreateError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            CreateError::Database(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Refusal {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NotFound => UserError::not_found("id", "link").into(),
            UpdateError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpdateError::Database(error) => error.into(),
        }
    }
}
