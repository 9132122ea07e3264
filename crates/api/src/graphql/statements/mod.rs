//! What partners are owed, month by month.

mod enums;
mod key;
mod loader;
mod month;
mod object;
mod of_partner;

use async_graphql::{Context, Json, Object};
use domain::statements::{NewStatement, RequestError};
pub use enums::PaperStatus;
use ids::{PartnerId, StatementId};
pub use key::StatementKey;
use month::Month;
pub use object::Statement;
pub use of_partner::PartnerStatements;
use serde_json::json;

use super::{
    connection::connection,
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    payload::payload,
    scalars::CurrencyCode,
};
use crate::auth::Gate;

load_by_id!(StatementId => Statement of domain::statements::Statement);

connection!(
    /// Statements, the last asked for first.
    StatementConnection, StatementEdge, Statement, domain::statements::Statement, |row| row.id
);

payload!(
    /// What a mutation of a statement answers.
    StatementPayload {
        /// The statement as it is now; null when nothing was done.
        statement: Statement
    }
);

/// What can be asked about statements.
#[derive(Default)]
pub struct StatementQuery;

#[Object]
impl StatementQuery {
    /// The statement of this id, or null.
    #[graphql(directive = needs::apply(Permission::PayoutsRead), guard = "Needs(Permission::PayoutsRead)")]
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`stm_...`")] id: StatementId,
    ) -> Result<Option<Statement>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }

    /// What verifies the signatures of statements and self-billing invoices, the key that signs now first; empty where the instance
    /// signs none. They are no secret: `GET /.well-known/refero/statement-keys` answers the same to everybody.
    async fn statement_keys(&self, ctx: &Context<'_>) -> Vec<StatementKey> {
        Gate::of(ctx).statement_keys.iter().cloned().map(Into::into).collect()
    }
}

/// What can be done about statements.
#[derive(Default)]
pub struct StatementMutation;

#[Object]
impl StatementMutation {
    /// Asks for the statement of what a partner was owed in a month that is over. It is PENDING until a job has rendered it, and never
    /// changes then; the event `statement.ready` tells. The same partner, currency and month again answer with the same statement.
    /// On the first of each month one is asked for by itself for each partner with moves in the month before.
    #[graphql(directive = needs::apply(Permission::PayoutsApprove), guard = "Needs(Permission::PayoutsApprove)")]
    async fn statement_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who was owed: `prt_...`")] partner_id: PartnerId,
        #[graphql(desc = "In which currency.")] currency: CurrencyCode,
        #[graphql(desc = "The month of the program's calendar, e.g. `2026-11`.")] month: Month,
    ) -> Result<StatementPayload, ApiError> {
        let request = Request::of(ctx);
        let (scope, act) = (request.scope()?, &request.act);
        let said = NewStatement { partner_id, currency: currency.0, month: month.0 };
        let mut conn = request.conn().await?;
        StatementPayload::of(domain::statements::Statement::request(&mut conn, scope, &said, act).await)
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let of_month = |code, sentence: String, details| {
            UserError { details: Some(Json(details)), ..UserError::at(&["month"], code, sentence) }.into()
        };
        match error {
            RequestError::NotFound => UserError::not_found("partnerId", "partner").into(),
            RequestError::Unit => {
                UserError::at(&["currency"], UserErrorCode::Invalid, "Units are redeemed, not owed.").into()
            }
            RequestError::NothingInCurrency => {
                let sentence = "The partner never earned anything in this currency.";
                UserError::at(&["currency"], UserErrorCode::NotFound, sentence).into()
            }
            RequestError::BeforePartner { since } => {
                let sentence = format!("The partner came in {since}; there is nothing to state before.");
                of_month(UserErrorCode::Invalid, sentence, json!({ "since": since }))
            }
            RequestError::NotOver { from } => {
                let sentence = format!("This month can be stated from {from} on.");
                of_month(UserErrorCode::WrongState, sentence, json!({ "from": from }))
            }
            RequestError::Database(error) => error.into(),
        }
    }
}
