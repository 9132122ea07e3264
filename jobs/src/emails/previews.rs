use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::emails::EmailMessage;
use ids::EmailMessageId;
use mailer::mask_links;

use super::{EmailRenderer, facts::Facts};

/// Renders emails for people who look at them, with the very code that renders them for sending.
#[derive(Clone)]
pub struct EmailPreviews(EmailRenderer);

/// An email as it would be rendered now, its links masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailPreview {
    /// The subject.
    pub subject: String,
    /// The plain body.
    pub text: String,
    /// The HTML body.
    pub html: String,
}

impl EmailPreviews {
    /// Previews by this renderer.
    pub fn new(renderer: EmailRenderer) -> Self {
        Self(renderer)
    }

    /// The emails as they would be rendered now; those that tell of something that is gone are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(
        &self,
        conn: &mut AsyncPgConnection,
        emails: &[EmailMessage],
        now: DateTime<Utc>,
    ) -> QueryResult<HashMap<EmailMessageId, EmailPreview>> {
        let facts = Facts::load(conn, emails).await?;
        let rendered = emails.iter().filter_map(|email| {
            let rendered = self.0.render(email, &facts, now).ok()?;
            let preview = EmailPreview {
                subject: mask_links(&rendered.subject),
                text: mask_links(&rendered.text),
                html: mask_links(&rendered.html),
            };
            Some((email.id, preview))
        });
        Ok(rendered.collect())
    }
}
