use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use domain::{
    db::Db,
    emails::{EmailMessage, EmailPreview, EmailPreviews},
};
use futures_util::{FutureExt, future::BoxFuture};
use ids::EmailMessageId;
use mailer::mask_links;

use super::{EmailRenderer, facts::Facts};

impl EmailPreviews for EmailRenderer {
    fn previews<'a>(
        &'a self,
        db: &'a Db,
        emails: &'a [EmailMessage],
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, QueryResult<HashMap<EmailMessageId, EmailPreview>>> {
        async move {
            let facts = Facts::load(&mut *db.get().await?, emails).await?;
            let previews = emails.iter().filter_map(|email| {
                let rendered = self.render(email, &facts, now).ok()?;
                let preview = EmailPreview {
                    subject: mask_links(&rendered.subject),
                    text: mask_links(&rendered.text),
                    html: mask_links(&rendered.html),
                };
                Some((email.id, preview))
            });
            Ok(previews.collect())
        }
        .boxed()
    }
}
