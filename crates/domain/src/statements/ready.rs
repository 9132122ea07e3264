use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Course, PaperStatus, Papers, Statement};
use crate::{act::Act, events, files::CreateError, schema::statements};

impl Statement {
    /// Keeps the papers of a statement that is pending, whose row the caller has locked, in the caller's transaction. It never
    /// changes from then on.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn ready(
        &self,
        conn: &mut AsyncPgConnection,
        course: &Course,
        papers: Papers,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let (kept, signature) = papers.keep(conn, (self.account_id, &self.number), act).await?;
        let after: Self = diesel::update(statements::table.find(self.id))
            .set((
                statements::status.eq(PaperStatus::Ready),
                statements::opening.eq(course.opening),
                statements::closing.eq(course.closing),
                statements::pdf_id.eq(kept.pdf),
                statements::csv_id.eq(kept.csv),
                statements::json_id.eq(kept.json),
                statements::signature.eq(signature.as_ref().map(|one| &one.bytes)),
                statements::key_id.eq(signature.as_ref().map(|one| &one.key_id)),
                statements::ready_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        events::record(conn, act, &[after.event()]).await?;
        Ok(after)
    }
}
