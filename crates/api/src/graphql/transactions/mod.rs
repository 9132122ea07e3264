//! Sales.

mod inputs;
mod loader;
mod object;

use async_graphql::{Context, Object, SimpleObject};
use domain::{
    page::{Page, PageArgs},
    transactions::{NewTransaction, RecordError, RecordRefusal},
};
use ids::{PartnerId, ProgramId, TransactionId};
pub use inputs::{TransactionFilter, TransactionInput};
use loader::{SaleCountOf, SalesOf};
pub use object::{ItemsOf, Transaction};

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    customers::referrer_refused,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
};

load_by_id!(TransactionId => Transaction of domain::transactions::Transaction);

connection!(
    /// Sales, the last recorded first.
    TransactionConnection, TransactionEdge, Transaction, domain::transactions::Transaction, |row| row.id
);

impl TransactionConnection {
    /// Sales of a partner's customers, the last recorded first, loaded together with those of its neighbours.
    ///
    /// # Errors
    /// When the cursor cannot be read or the database fails.
    pub async fn of_partner(
        ctx: &Context<'_>,
        partner: PartnerId,
        first: i32,
        after: Option<String>,
    ) -> Result<Self, ApiError> {
        let (loader, page) = (Request::loader(ctx)?, PageArgs::new(first.into(), connection::key(after)?));
        let wanted = SalesOf { partner, after: page.after, most: page.limit() };
        let loaded = loader.load_one(wanted).await?.unwrap_or_default();
        let total = match connection::wants_total(ctx) {
            true => Some(loader.load_one(SaleCountOf(partner)).await?.unwrap_or(0)),
            false => None,
        };
        Ok(Self::of(Page::of(loaded, &page), page.after.is_none(), total))
    }
}

payload!(
    /// What a mutation of a sale answers.
    TransactionPayload {
        /// The sale; null when it was refused.
        transaction: Transaction
    }
);

/// What a call with many sales answers.
#[derive(SimpleObject)]
pub struct TransactionBatchPayload {
    /// One result per sale, in the order given; empty when the call as a whole was refused.
    results: Vec<TransactionPayload>,
    /// Why the call as a whole was refused; empty when each sale was looked at.
    user_errors: Vec<UserError>,
}

/// What can be asked about sales.
#[derive(Default)]
pub struct TransactionQuery;

#[Object]
impl TransactionQuery {
    /// The sales in reach, the last recorded first.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which sales.")] filter: Option<TransactionFilter>,
    ) -> Result<TransactionConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::transactions::Transaction::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => {
                Some(domain::transactions::Transaction::count(&mut conn, scope, &filter, COUNT_CAP).await?)
            }
            false => None,
        };
        Ok(TransactionConnection::of(rows, page.after.is_none(), total))
    }

    /// The sale of this id, or null.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`trx_...`")] id: TransactionId,
    ) -> Result<Option<Transaction>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }

    /// The sale of your key, or null.
    #[graphql(directive = needs::apply(Permission::TransactionsRead), guard = "Needs(Permission::TransactionsRead)")]
    async fn transaction_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "Your name for the sale.")] key: String,
    ) -> Result<Option<Transaction>, ApiError> {
        let request = Request::of(ctx);
        let mut conn = request.conn().await?;
        let scope = request.scope()?;
        let found =
            domain::transactions::Transaction::find_by_key(&mut conn, scope, program_id, &key).await?;
        Ok(found.map(Transaction))
    }
}

/// What can be done with sales.
#[derive(Default)]
pub struct TransactionMutation;

#[Object]
impl TransactionMutation {
    /// Records a sale, once per key. Its rewards are computed a moment later, in the order in which sales were recorded.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "The sale.")] input: TransactionInput,
    ) -> Result<TransactionPayload, ApiError> {
        let outcome = record(ctx, program_id, &[input.into()]).await;
        let first = outcome.map(|mut results| results.pop());
        match first {
            Ok(Some(result)) => {
                TransactionPayload::of(result.map_err(|refusal| refused(refusal, &["input"])))
            }
            Ok(None) => Err(ApiError::Internal),
            Err(refusal) => TransactionPayload::of(Err::<domain::transactions::Transaction, _>(refusal)),
        }
    }

    /// Records up to 1,000 sales of a program, in the order given. Each is taken or refused by itself, and all that is
    /// taken is recorded together.
    #[graphql(directive = needs::apply(Permission::TransactionsWrite), guard = "Needs(Permission::TransactionsWrite)")]
    async fn transaction_record_many(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`prg_...`")] program_id: ProgramId,
        #[graphql(desc = "The sales, at most 1,000.")] inputs: Vec<TransactionInput>,
    ) -> Result<TransactionBatchPayload, ApiError> {
        let said: Vec<NewTransaction> = inputs.into_iter().map(Into::into).collect();
        match record(ctx, program_id, &said).await {
            Ok(results) => {
                let place = |(index, result): (usize, Result<_, RecordRefusal>)| {
                    let index = index.to_string();
                    TransactionPayload::of(result.map_err(|refusal| refused(refusal, &["inputs", &index])))
                };
                let results = results.into_iter().enumerate().map(place).collect::<Result<_, _>>()?;
                Ok(TransactionBatchPayload { results, user_errors: Vec::new() })
            }
            Err(Refusal::User(user_errors)) => {
                Ok(TransactionBatchPayload { results: Vec::new(), user_errors })
            }
            Err(Refusal::Api(error)) => Err(error),
        }
    }
}

type Recorded = Vec<Result<domain::transactions::Transaction, RecordRefusal>>;

async fn record(
    ctx: &Context<'_>,
    program_id: ProgramId,
    said: &[NewTransaction],
) -> Result<Recorded, Refusal> {
    let request = Request::of(ctx);
    let mut conn = request.conn().await.map_err(Refusal::Api)?;
    let scope = request.scope().map_err(Refusal::Api)?;
    let done =
        domain::transactions::Transaction::record_all(&mut conn, scope, program_id, said, &request.act);
    Ok(done.await?)
}

impl From<RecordError> for Refusal {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::ProgramNotFound => UserError::not_found("programId", "program").into(),
            RecordError::WrongState { current } => UserError::wrong_state("program", current).into(),
            RecordError::TooMany => {
                let most = domain::transactions::MOST_AT_ONCE;
                let sentence = format!("At most {most} sales at once.");
                UserError::at(&["inputs"], UserErrorCode::LimitExceeded, sentence).into()
            }
            RecordError::Database(error) => error.into(),
        }
    }
}

/// The refusal of one sale, its fields under the path of that sale.
fn refused(refusal: RecordRefusal, path: &[&str]) -> Refusal {
    match refusal {
        RecordRefusal::Invalid(problems) => Refusal::User(UserError::of_fields_under(path, &problems)),
        RecordRefusal::KeyMismatch => UserError::idempotency_mismatch(&[path, &["key"]].concat()).into(),
        RecordRefusal::Referrer(problem) => referrer_refused(problem, path).into(),
        RecordRefusal::WrongState { current } => UserError::wrong_state("program", current).into(),
    }
}
