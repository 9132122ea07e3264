use chrono::{DateTime, SubsecRound, Utc};
use ids::CustomerId;
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Line, LinesError, Transaction, TransactionItem, lines};
use crate::{
    act::Act,
    idempotency::fingerprint,
    programs::Program,
    text::{self, FieldProblem, TextProblem},
};

/// The most minor units of an amount: sums over a sale's lines and rules stay within 64 bits.
const MOST_MINOR: i64 = 10_000_000_000_000;
/// The most items of a sale.
const MOST_ITEMS: usize = 1_000;
/// The most units of a sale: times the most that a rule pays for one they stay within 64 bits of minor units.
const MOST_UNITS: i32 = 1_000_000;

/// A sale as the caller says it. Amounts are decimals in major units of `currency`.
#[derive(Debug, Clone, Serialize)]
pub struct NewTransaction {
    /// The caller's name for the sale: 1 to 255 characters, unique in the program.
    pub key: String,
    /// The caller's name for the customer, who is created if unknown.
    pub customer_key: String,
    /// The key of the customer who referred this one: it gets the attribution if the customer has and had none, and is enrolled
    /// as a referrer if it is none yet.
    pub referring_customer_key: Option<String>,
    /// The sale's currency.
    pub currency: Currency,
    /// What the customer was charged before discount; not negative.
    pub gross: Decimal,
    /// Taken off the gross; 0 if nothing was.
    pub discount: Decimal,
    /// Part of the gross that is passed on; 0 if nothing is.
    pub tax: Decimal,
    /// What was bought, at most 1,000 items of 1,000,000 units in all; what the items leave of the net is one more line.
    pub items: Vec<ItemInput>,
    /// The coupon that the customer used.
    pub coupon_code: Option<String>,
    /// False to record the sale without any reward.
    pub rewardable: bool,
    /// When it happened, cut to microseconds; now if absent.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// An item of a sale.
#[derive(Debug, Clone, Serialize)]
pub struct ItemInput {
    /// The seller's name of the product, up to 255 characters.
    pub product_id: Option<String>,
    /// The seller's name of its kind, up to 255 characters.
    pub product_type: Option<String>,
    /// 1 to 1,000,000.
    pub quantity: i32,
    /// The net amount, in major units; not negative.
    pub amount: Decimal,
}

/// A sale whose words are in order; its customer is not known yet.
pub(super) struct Checked {
    pub(super) customer_key: String,
    pub(super) referring_customer_key: Option<String>,
    pub(super) sale: Transaction,
    pub(super) items: Vec<TransactionItem>,
    /// Whether it may be recorded now; a replay of what was recorded in time is answered for ever.
    pub(super) is_timely: bool,
}

/// Collects what is wrong with a sale.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn note(&mut self, path: &[&str], problem: TextProblem) {
        self.0.push(FieldProblem { path: path.iter().map(ToString::to_string).collect(), problem });
    }

    fn text(&mut self, field: &str, value: &str) -> String {
        text::line(value, 255).map_err(|problem| self.note(&[field], problem)).unwrap_or_default()
    }

    fn optional(&mut self, path: &[&str], value: Option<&String>) -> Option<String> {
        value.and_then(|value| text::line(value, 255).map_err(|problem| self.note(path, problem)).ok())
    }

    fn amount(&mut self, path: &[&str], amount: Decimal, currency: Currency) -> i64 {
        let minor = Money::from_decimal(amount, currency).ok().map(Money::minor);
        minor.filter(|minor| (0..=MOST_MINOR).contains(minor)).unwrap_or_else(|| {
            self.note(path, TextProblem::Malformed);
            0
        })
    }
}

impl NewTransaction {
    /// Checks everything at once. The customer's id is filled in later.
    pub(super) fn checked(&self, program: &Program, act: &Act) -> Result<Checked, Vec<FieldProblem>> {
        let mut problems = Problems::default();
        let (key, customer_key) =
            (problems.text("key", &self.key), problems.text("customerKey", &self.customer_key));
        let referring_customer_key =
            problems.optional(&["referringCustomerKey"], self.referring_customer_key.as_ref());
        let coupon_code = problems.optional(&["couponCode"], self.coupon_code.as_ref());
        let [gross, discount, tax] = [("amount", self.gross), ("discount", self.discount), ("tax", self.tax)]
            .map(|(field, amount)| problems.amount(&[field], amount, self.currency));
        let occurred_at = self.occurred_at.map_or(act.now, |at| at.trunc_subsecs(6));
        let items = self.checked_items(&mut problems);
        let net = match lines(gross, discount, tax, items.clone()) {
            Ok(lines) => lines.net,
            Err(LinesError::ItemsAboveNet { .. } | LinesError::OutOfRange) => {
                problems.note(&["items"], TextProblem::Malformed);
                0
            }
        };
        if !problems.0.is_empty() {
            return Err(problems.0);
        }
        let sale = Transaction {
            id: act.ids.next(act.now),
            account_id: program.account_id,
            program_id: program.id,
            customer_id: act.ids.next::<CustomerId>(act.now),
            key,
            currency: self.currency,
            gross,
            discount,
            tax,
            net,
            coupon_code,
            rewardable: self.rewardable,
            occurred_at,
            fingerprint: self.fingerprint(),
            created_at: act.now,
        };
        let items = rows(&sale, items);
        let is_timely = program.accepts_time(occurred_at, act.now);
        Ok(Checked { customer_key, referring_customer_key, sale, items, is_timely })
    }

    /// What was said, amounts by value, texts and times as they are kept: 10.0 and 10.00 are the same words.
    fn fingerprint(&self) -> Vec<u8> {
        let mut said = self.clone();
        said.occurred_at = said.occurred_at.map(|at| at.trunc_subsecs(6));
        let items = said.items.iter_mut().flat_map(|item| [&mut item.product_id, &mut item.product_type]);
        for text in items
            .chain([&mut said.coupon_code, &mut said.referring_customer_key])
            .flatten()
            .chain([&mut said.key, &mut said.customer_key])
        {
            *text = text.trim().to_owned();
        }
        for amount in [&mut said.gross, &mut said.discount, &mut said.tax] {
            *amount = amount.normalize();
        }
        for item in &mut said.items {
            item.amount = item.amount.normalize();
        }
        fingerprint(&said)
    }

    fn checked_items(&self, problems: &mut Problems) -> Vec<Line> {
        if self.items.len() > MOST_ITEMS {
            problems.note(&["items"], TextProblem::TooLong { limit: MOST_ITEMS });
            return Vec::new();
        }
        let mut checked = Vec::with_capacity(self.items.len());
        for (index, item) in self.items.iter().enumerate() {
            let index = index.to_string();
            if !(1..=MOST_UNITS).contains(&item.quantity) {
                problems.note(&["items", &index, "quantity"], TextProblem::Malformed);
            }
            checked.push(Line {
                product_id: problems.optional(&["items", &index, "productId"], item.product_id.as_ref()),
                product_type: problems
                    .optional(&["items", &index, "productType"], item.product_type.as_ref()),
                quantity: item.quantity,
                amount: problems.amount(&["items", &index, "amount"], item.amount, self.currency),
            });
        }
        if checked.iter().map(|item| i64::from(item.quantity)).sum::<i64>() > MOST_UNITS.into() {
            problems.note(&["items"], TextProblem::Malformed);
        }
        checked
    }
}

fn rows(sale: &Transaction, items: Vec<Line>) -> Vec<TransactionItem> {
    let row = |(line, item): (i32, Line)| TransactionItem {
        account_id: sale.account_id,
        transaction_id: sale.id,
        line,
        product_id: item.product_id,
        product_type: item.product_type,
        quantity: item.quantity,
        amount: item.amount,
    };
    (0..).zip(items).map(row).collect()
}
