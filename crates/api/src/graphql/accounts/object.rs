use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::{
    page::{Page, PageArgs},
    scope::AccountScope,
    team::{
        Membership,
        invites::{Invite, InviteFilter},
    },
};

use super::usage::{self, UsageMeter};
use crate::graphql::{
    connection::{self, COUNT_CAP},
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    scalars::CurrencyCode,
    team::{InviteConnection, InviteDelivery, InviteStatus, MemberConnection, Role},
};

/// A tenant: a company or product with its programs, team and keys.
#[derive(Clone)]
pub struct Account(pub domain::accounts::Account);

impl From<domain::accounts::Account> for Account {
    fn from(account: domain::accounts::Account) -> Self {
        Self(account)
    }
}

impl Account {
    /// The scope of the request, if this is its account: rights were checked in that one, and memberships show others too.
    fn asked_about<'a>(&self, ctx: &Context<'a>) -> Result<&'a AccountScope, ApiError> {
        let scope = Some(Request::of(ctx).scope()?).filter(|scope| scope.account_id == self.0.id);
        scope.ok_or(ApiError::AccountNotFound)
    }
}

/// A tenant: a company or product with its programs, team and keys.
#[Object]
impl Account {
    /// `acc_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// IANA time zone, e.g. `Europe/Berlin`.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self) -> Option<&str> {
        self.0.country.as_deref()
    }

    /// The company, as statements and invoices name it; null for its name.
    async fn company(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// The postal address on statements and invoices, in lines.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// The tax number, as it is written on invoices.
    async fn tax_id(&self) -> Option<&str> {
        self.0.tax_id.as_deref()
    }

    /// BCP 47 language tag, e.g. `en`.
    async fn locale(&self) -> &str {
        &self.0.locale
    }

    /// What its overview is shown in.
    async fn default_currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.base_currency)
    }

    /// Its members, oldest first.
    #[graphql(directive = needs::apply(Permission::TeamRead), guard = "Needs(Permission::TeamRead)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
    ) -> Result<MemberConnection, ApiError> {
        let (request, scope) = (Request::of(ctx), self.asked_about(ctx)?);
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let Page { rows, has_next } = domain::team::Member::list(&mut conn, scope, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::team::Member::count(&mut conn, scope, COUNT_CAP).await?),
            false => None,
        };
        let rows = rows.into_iter().map(|member| Membership { member, account: self.0.clone() }).collect();
        Ok(MemberConnection::of(Page { rows, has_next }, page.after.is_none(), total))
    }

    /// Its invites to the team, newest first; none that reaches further than you do.
    #[graphql(directive = needs::apply(Permission::TeamRead), guard = "Needs(Permission::TeamRead)")]
    async fn invites(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Only those in one of these states.")] status: Option<Vec<InviteStatus>>,
        #[graphql(desc = "Only those whose latest email became one of these.")] delivery: Option<
            Vec<InviteDelivery>,
        >,
    ) -> Result<InviteConnection, ApiError> {
        let (request, scope) = (Request::of(ctx), self.asked_about(ctx)?);
        let status = status.unwrap_or_default().into_iter().map(Into::into).collect();
        let delivery = delivery.unwrap_or_default().into_iter().map(Into::into).collect();
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let filter = InviteFilter { status, delivery };
        let mut conn = request.conn().await?;
        let rows = Invite::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(Invite::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        Ok(InviteConnection::of(rows, page.after.is_none(), total))
    }

    /// The roles that its members may have.
    async fn roles(&self) -> Vec<Role> {
        domain::team::Role::ALL.iter().copied().map(Role::from).collect()
    }

    /// What it uses: seats of its team, and programs by state. Each meter is shown to who may see what it counts.
    async fn usage(&self, ctx: &Context<'_>) -> Result<Vec<UsageMeter>, ApiError> {
        usage::meters(ctx, self.asked_about(ctx)?).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
