use async_graphql::{Context, Object};
use domain::{
    page::{MAX_PAGE, PageArgs},
    programs::ProgramFilter,
    scope::AccountScope,
};

use crate::graphql::{context::Request, error::ApiError, programs::Program};

/// All programs in reach at once, or those that were named.
pub struct Overview {
    /// The programs that it is about.
    pub scope: AccountScope,
}

/// All programs in reach at once, or those that were named.
#[Object]
impl Overview {
    /// The programs that it is about, newest first, at most 100.
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>, ApiError> {
        let mut conn = Request::of(ctx).conn().await?;
        let page = PageArgs::new(MAX_PAGE, None);
        let page =
            domain::programs::Program::list(&mut conn, &self.scope, &ProgramFilter::default(), page).await?;
        Ok(page.rows.into_iter().map(Program::from).collect())
    }
}
