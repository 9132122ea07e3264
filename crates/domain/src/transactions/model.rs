use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, CustomerId, ProgramId, TransactionId};
use money::{Currency, Money};

use super::{Line, Lines, LinesError, lines};
use crate::schema::{transaction_items, transactions};

/// A sale. Amounts are minor units of its currency.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = transactions)]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// Who bought.
    pub customer_id: CustomerId,
    /// The caller's name for it, unique in the program.
    pub key: String,
    /// The sale's own currency.
    pub currency: Currency,
    /// What the customer was charged before discount.
    pub gross: i64,
    /// Taken off the gross.
    pub discount: i64,
    /// Part of the gross that is passed on.
    pub tax: i64,
    /// gross - discount - tax.
    pub net: i64,
    /// The coupon that the customer used.
    pub coupon_code: Option<String>,
    /// False if it is marked as not to be rewarded.
    pub rewardable: bool,
    /// The sale's own time.
    pub occurred_at: DateTime<Utc>,
    /// SHA-256 of what was said.
    pub fingerprint: Vec<u8>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

/// An item of a sale.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = transaction_items)]
pub struct TransactionItem {
    /// The tenant.
    pub account_id: AccountId,
    /// The sale.
    pub transaction_id: TransactionId,
    /// Its place, from 0.
    pub line: i32,
    /// The seller's name of the product.
    pub product_id: Option<String>,
    /// The seller's name of its kind.
    pub product_type: Option<String>,
    /// How many.
    pub quantity: i32,
    /// The net amount in minor units.
    pub amount: i64,
}

impl Transaction {
    /// An amount of this sale as money.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Whether it makes a paying customer: rewards.md, section 1.
    pub fn counts(&self) -> bool {
        self.rewardable && self.net > 0
    }

    /// The lines of the sale, made of its items.
    ///
    /// # Errors
    /// Never for what was recorded: the items were checked then.
    pub fn lines(&self, items: &[TransactionItem]) -> Result<Lines, LinesError> {
        let items = items.iter().map(|item| Line {
            product_id: item.product_id.clone(),
            product_type: item.product_type.clone(),
            quantity: item.quantity,
            amount: item.amount,
        });
        lines(self.gross, self.discount, self.tax, items.collect())
    }

    /// How many lines the sale has: its items, and one more for what they leave of the net.
    pub fn line_count(&self, items: &[TransactionItem]) -> usize {
        let sum: i64 = items.iter().map(|item| item.amount).sum();
        if items.is_empty() { 1 } else { items.len() + usize::from(sum < self.net) }
    }
}
