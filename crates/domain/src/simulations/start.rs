use diesel::result::Error;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::TermsId;
use queue::NewJob;

use super::{SimulateTerms, Simulation};
use crate::{
    act::Act,
    audit,
    operations::{Operation, OperationKind},
    programs::Cursor,
    rewards::Replay,
    schema::simulations,
    scope::AccountScope,
    stats::DateRange,
    terms::Terms,
};

/// Counting what there is to read stops here.
const COUNTED_AT_MOST: i64 = 10_000;

/// Why nothing is simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No such version in reach.
    #[error("no such terms")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Simulation {
    /// Begins to run terms, a draft's or a published version's, over the program's recorded history: the operation that does.
    ///
    /// # Errors
    /// [`SimulateError`].
    pub async fn start(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        terms_id: TermsId,
        range: DateRange,
        act: &Act,
    ) -> Result<Operation, SimulateError> {
        conn.transaction(async |conn| {
            let terms = Terms::find_all(conn, scope, &[terms_id]).await?.pop();
            let terms = terms.ok_or(SimulateError::NotFound)?;
            let up_to = Cursor::position_of(conn, terms.program_id).await?;
            let facts = Replay::count(conn, terms.program_id, up_to, COUNTED_AT_MOST + 1).await?;
            let operation_id = act.ids.next(act.now);
            let job = NewJob::of(&SimulateTerms { operation_id })
                .caused_by(act.request_id.clone(), act.traceparent.clone())
                .account(terms.account_id);
            let job_id = queue::enqueue(conn, act.now, &act.ids, &[job]).await?.pop();
            let operation = Operation {
                id: operation_id,
                account_id: Some(terms.account_id),
                kind: OperationKind::TermsSimulate,
                reason: None,
                job_id: job_id.ok_or(Error::NotFound)?,
                total: facts.min(COUNTED_AT_MOST),
                total_capped: facts > COUNTED_AT_MOST,
                done: 0,
                started_by: act.actor.to_string(),
                started_at: act.now,
                updated_at: act.now,
                finished_at: None,
            };
            operation.begin(conn).await?;
            let simulation = Self {
                operation_id,
                account_id: terms.account_id,
                program_id: terms.program_id,
                terms_id,
                terms: serde_json::to_value(&terms)
                    .map_err(|error| Error::SerializationError(error.into()))?,
                from_day: range.from(),
                to_day: range.to(),
                failure: None,
            };
            diesel::insert_into(simulations::table).values(&simulation).execute(conn).await?;
            let noted = (None, Some(&simulation));
            audit::record(conn, act, terms.account_id, "termsSimulate", terms_id, noted).await?;
            Ok(operation)
        })
        .await
    }
}
