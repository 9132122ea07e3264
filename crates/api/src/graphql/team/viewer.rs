use async_graphql::{Context, Object};
use domain::{act, team::Membership};

use super::Member;
use crate::graphql::{
    accounts::Account, context::Request, error::ApiError, guard::Permission, sessions::Session, users::Actor,
};

/// Who is asking.
pub struct Viewer(pub(super) act::Actor);

/// Who is asking.
#[Object]
impl Viewer {
    /// The user or API key.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Actor, ApiError> {
        Actor::resolve(ctx, self.0).await
    }

    /// Your address to be: where the link of a change went, until you follow it or 48 hours are over. Null if none waits, and
    /// for an API key.
    async fn new_email(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        let request = Request::of(ctx);
        let Some(user) = request.viewer.user else { return Ok(None) };
        let found = domain::users::User::find(&mut *request.conn().await?, user).await?;
        let waits = found.filter(|user| user.email_expires_at.is_some_and(|at| at > request.act.now));
        Ok(waits.and_then(|user| user.new_email))
    }

    /// The account that is asked about; null when you have several and named none in `X-Account-Id`.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>, ApiError> {
        let request = Request::of(ctx);
        let Some(reach) = &request.viewer.reach else { return Ok(None) };
        let mut conn = request.conn().await?;
        Ok(domain::accounts::Account::of_scope(&mut conn, &reach.scope).await?.map(Account))
    }

    /// Your places in accounts, oldest first; none for an API key.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Member>, ApiError> {
        let request = Request::of(ctx);
        let Some(user) = request.viewer.user else { return Ok(Vec::new()) };
        let rows = Membership::of_user(&mut *request.conn().await?, user).await?;
        Ok(rows.into_iter().map(Member::from).collect())
    }

    /// What you may do in the account that is asked about.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<Permission> {
        Request::of(ctx).viewer.permissions().iter().copied().map(Permission::from).collect()
    }

    /// Whether you operate this instance: see all queues and jobs, pause and resume.
    async fn operates(&self, ctx: &Context<'_>) -> bool {
        Request::of(ctx).viewer.operates
    }

    /// Your sessions that have not ended, newest first, at most 100; none for an API key.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>, ApiError> {
        let request = Request::of(ctx);
        let Some(user) = request.viewer.user else { return Ok(Vec::new()) };
        let mut conn = request.conn().await?;
        let rows = domain::users::Session::list(&mut conn, user, request.act.now).await?;
        let current = request.viewer.session;
        Ok(rows.into_iter().map(|session| Session::seen_from(session, current)).collect())
    }
}
