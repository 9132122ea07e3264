use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::transactions::{ItemInput, NewTransaction};
use ids::{CustomerId, ProgramId};
use rust_decimal::Decimal;

use crate::graphql::{scalars::MoneyInput, years::CommonYears};

/// A sale. `amount` is what the customer was charged before discount; net = amount - discount - tax.
#[derive(InputObject, Clone)]
pub struct TransactionInput {
    /// Your name for the sale: 1 to 255 characters, unique in the program. The same key and input again answer with the
    /// same sale; other input with the same key is IDEMPOTENCY_MISMATCH.
    key: String,
    /// Your name for the customer; an unknown one is created, attributed to nobody unless `referringCustomerKey` is said.
    customer_key: String,
    /// In a REFERRAL or NEWSLETTER program: your name for the customer who referred this one, who is enrolled as a referrer at once
    /// if it is none yet, and needs an email address for that. A customer who has, or had, a partner keeps it. Nobody refers
    /// themselves.
    referring_customer_key: Option<String>,
    /// The gross, not negative, at most 10^13 minor units.
    amount: MoneyInput,
    /// Taken off the gross, in major units of its currency.
    #[graphql(default)]
    discount: Decimal,
    /// Part of the gross that is passed on, in major units of its currency.
    #[graphql(default)]
    tax: Decimal,
    /// What was bought, at most 1,000; together not more than the net. What they leave of the net is one more line.
    #[graphql(default)]
    items: Vec<TransactionItemInput>,
    /// The coupon that the customer used, at most 255 characters.
    coupon_code: Option<String>,
    /// False to record the sale without any reward.
    #[graphql(default = true)]
    rewardable: bool,
    /// When it happened; now when left out. At most 24 h ahead, and not older than the program's late sale days.
    #[graphql(validator(custom = "CommonYears"))]
    occurred_at: Option<DateTime<Utc>>,
}

/// An item of a sale.
#[derive(InputObject, Clone)]
pub struct TransactionItemInput {
    /// Your name of the product, at most 255 characters.
    product_id: Option<String>,
    /// Your name of its kind, at most 255 characters.
    product_type: Option<String>,
    /// 1 to 1,000,000.
    #[graphql(default = 1)]
    quantity: i32,
    /// The net amount in major units of the sale's currency, not negative.
    amount: Decimal,
}

impl From<TransactionInput> for NewTransaction {
    fn from(input: TransactionInput) -> Self {
        let item = |item: TransactionItemInput| ItemInput {
            product_id: item.product_id,
            product_type: item.product_type,
            quantity: item.quantity,
            amount: item.amount,
        };
        Self {
            key: input.key,
            customer_key: input.customer_key,
            referring_customer_key: input.referring_customer_key,
            currency: input.amount.currency.0,
            gross: input.amount.amount,
            discount: input.discount,
            tax: input.tax,
            items: input.items.into_iter().map(item).collect(),
            coupon_code: input.coupon_code,
            rewardable: input.rewardable,
            occurred_at: input.occurred_at,
        }
    }
}

/// Which sales a list shows.
#[derive(InputObject, Default)]
pub struct TransactionFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Of one of these customers, at most 100.
    #[graphql(validator(max_items = 100))]
    customer_ids: Option<Vec<CustomerId>>,
    /// By the sale's own time; half-open.
    occurred_at: Option<DateRange>,
    /// With this text in the key, whatever the case.
    #[graphql(validator(max_length = 100))]
    search: Option<String>,
}

/// From an instant up to, not including, another.
#[derive(InputObject)]
pub struct DateRange {
    /// Included.
    #[graphql(validator(custom = "CommonYears"))]
    from: DateTime<Utc>,
    /// Not included.
    #[graphql(validator(custom = "CommonYears"))]
    to: DateTime<Utc>,
}

impl From<TransactionFilter> for domain::transactions::TransactionFilter {
    fn from(filter: TransactionFilter) -> Self {
        Self {
            programs: filter.program_ids,
            customers: filter.customer_ids.unwrap_or_default(),
            from: filter.occurred_at.as_ref().map(|range| range.from),
            to: filter.occurred_at.as_ref().map(|range| range.to),
            search: filter.search,
        }
    }
}
