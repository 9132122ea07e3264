use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use futures_util::future::BoxFuture;
use ids::EmailMessageId;

use super::EmailMessage;
use crate::db::Db;

/// An email as it would be rendered now, its links masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailPreview {
    /// One line.
    pub subject: String,
    /// The plain body.
    pub text: String,
    /// The HTML body.
    pub html: String,
}

/// Renders emails for people who look at them. Neither this crate nor the API knows templates: the worker library
/// implements it with the code that renders for sending, and the binary gives it to the API (docs/adr/0003).
pub trait EmailPreviews: Send + Sync {
    /// The emails as they would be rendered at `now`; those that tell of something that is gone are left out.
    fn previews<'a>(
        &'a self,
        db: &'a Db,
        emails: &'a [EmailMessage],
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, QueryResult<HashMap<EmailMessageId, EmailPreview>>>;
}
