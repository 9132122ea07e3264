use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::statements::{RenderStatement, Statement};
use ids::IdSource;

use super::{Printer, statement_paper};
use crate::handler::{Act, Claimed, Failure};

/// Renders and signs a statement that is pending; one that is ready stays as it is.
pub struct RenderStatementHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Draws and signs.
    pub printer: Printer,
}

impl Act for RenderStatementHandler {
    type Job = RenderStatement;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<RenderStatement>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let RenderStatement { account_id, statement_id } = job.args;
            let Some(statement) = Statement::find_pending(conn, account_id, statement_id).await? else {
                continue;
            };
            let facts = statement.facts(conn).await?;
            let papers = self.printer.statement(statement_paper::paper(&statement, &facts, now)).await?;
            let act = job.circumstances(now, &self.ids);
            statement.ready(conn, &facts.course, papers, &act).await?;
        }
        Ok(())
    }
}
