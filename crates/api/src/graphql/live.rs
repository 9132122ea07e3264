//! What subscriptions lean on.

use std::sync::Arc;

use async_graphql::Context;

use super::error::ApiError;
use crate::live::{Live, Resume};

/// What the process shares among all that is open in it.
///
/// # Errors
/// When the schema was built without it.
pub fn of<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Live>, ApiError> {
    ctx.data::<Arc<Live>>().map_err(|_| {
        tracing::error!("the schema was built without what subscriptions need");
        ApiError::Internal
    })
}

/// How far this subscription has come.
pub fn resume(ctx: &Context<'_>) -> Resume {
    ctx.data_opt::<Resume>().cloned().unwrap_or_default()
}
