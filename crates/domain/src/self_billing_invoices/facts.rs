use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::SelfBillingInvoice;
use crate::{
    ledger::TransferReason, payout_methods::PayoutMethod, payouts::Payout, scope::AccountScope,
    statements::Parties,
};

/// What a payout paid, by why it was owed: each item is the source of one move of the ledger.
const ITEMS: &str = "\
    SELECT t.reason, count(*) AS items, sum(i.amount)::bigint AS amount, min(t.at) AS first_at, max(t.at) AS last_at \
    FROM payout_items i JOIN ledger_transfers t \
        ON t.source = i.source AND t.reason IN ('RELEASED', 'REVERSED', 'RESTORED', 'CORRECTED') \
    WHERE i.account_id = $1 AND i.payout_id = $2 \
    GROUP BY t.reason ORDER BY min(t.at), t.reason";

/// Items of a payout that were owed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SuppliedItems {
    /// Why.
    #[diesel(sql_type = Text)]
    pub reason: TransferReason,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub items: i64,
    /// Their sum in minor units; below 0 it takes off.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// When the first became owed.
    #[diesel(sql_type = Timestamptz)]
    pub first_at: DateTime<Utc>,
    /// When the last did.
    #[diesel(sql_type = Timestamptz)]
    pub last_at: DateTime<Utc>,
}

/// What an invoice is written from.
#[derive(Debug, Clone)]
pub struct InvoiceFacts {
    /// The two sides.
    pub parties: Parties,
    /// What was paid.
    pub payout: Payout,
    /// Where the money went, as people may see it.
    pub method: String,
    /// What it paid; the amounts sum to the payout's.
    pub items: Vec<SuppliedItems>,
}

impl SelfBillingInvoice {
    /// What it is to be written from, as it is now.
    ///
    /// # Errors
    /// The database's.
    pub async fn facts(&self, conn: &mut AsyncPgConnection) -> QueryResult<InvoiceFacts> {
        let scope = AccountScope::whole(self.account_id);
        let payout = Payout::find(conn, &scope, self.payout_id).await?;
        let payout = payout.ok_or(diesel::result::Error::NotFound)?;
        let parties = Parties::load(conn, &scope, payout.partner_id).await?;
        let method = PayoutMethod::find_all(conn, &scope, &[payout.method_id]).await?.pop();
        let method = method.ok_or(diesel::result::Error::NotFound)?.label;
        let items: Vec<SuppliedItems> = diesel::sql_query(ITEMS)
            .bind::<Uuid, _>(self.account_id)
            .bind::<Uuid, _>(self.payout_id)
            .load(conn)
            .await?;
        Ok(InvoiceFacts { parties, payout, method, items })
    }
}
