use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::EmailMessageId;

use super::{EmailMessage, EmailStatus, EmailTemplate};
use crate::{
    page::{Page, PageArgs},
    schema::email_messages,
    scope::AccountScope,
};

/// Which emails a list shows; an empty list is no limit.
#[derive(Debug, Clone, Default)]
pub struct EmailFilter {
    /// In one of these states.
    pub status: Vec<EmailStatus>,
    /// Of one of these templates.
    pub template: Vec<EmailTemplate>,
}

impl EmailMessage {
    /// The email of that id, if it is of the account. Emails belong to no program: who is limited to some sees none.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: EmailMessageId,
    ) -> QueryResult<Option<Self>> {
        if !scope.is_whole() {
            return Ok(None);
        }
        email_messages::table
            .filter(email_messages::account_id.eq(scope.account_id))
            .filter(email_messages::id.eq(id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The emails of these ids, whosever they are, in no order: for the job that sends them.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_to_send(
        conn: &mut AsyncPgConnection,
        ids: &[EmailMessageId],
    ) -> QueryResult<Vec<Self>> {
        email_messages::table
            .filter(email_messages::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// A page of the account's emails, newest first. Who is limited to some programs sees none.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &EmailFilter,
        page: PageArgs<EmailMessageId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(email_messages::id.desc());
        if let Some(after) = page.after {
            query = query.filter(email_messages::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many emails match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &EmailFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let matching = Self::matching(scope, filter).limit(cap).select(email_messages::id);
        let ids: Vec<EmailMessageId> = matching.load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a EmailFilter,
    ) -> email_messages::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query =
            email_messages::table.filter(email_messages::account_id.eq(scope.account_id)).into_boxed();
        if !scope.is_whole() {
            query = query.filter(sql::<Bool>("false"));
        }
        if !filter.status.is_empty() {
            query = query.filter(email_messages::status.eq_any(&filter.status));
            if !filter.status.contains(&EmailStatus::Sent) {
                // In these words, so that the planner sees that the partial index holds all of them: what went wrong is
                // found at once among millions that were sent.
                query = query.filter(sql::<Bool>("email_messages.status <> 'SENT'"));
            }
        }
        if !filter.template.is_empty() {
            query = query.filter(email_messages::template.eq_any(&filter.template));
        }
        query
    }
}
