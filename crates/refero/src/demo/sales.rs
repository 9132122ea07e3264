use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::{
    customers::Customer,
    transactions::{ItemInput, MOST_AT_ONCE, NewTransaction, Transaction},
};
use money::Currency;
use rust_decimal::Decimal;

use super::{company::Company, past::Past, programs::Open, shoppers};

/// How much is bought at each hour of the shop's day, midnight first.
const HOURS: [usize; 24] = [3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 10, 9, 8, 8, 8, 9, 10, 12, 13, 12, 9, 5];

/// The customers who come on a day, and what is bought, by newcomers and others.
pub async fn of_day(
    past: &mut Past<'_>,
    company: &Company,
    open: &mut Open,
    count: usize,
    day: u32,
) -> anyhow::Result<()> {
    let end = past.end_of(day);
    open.regulars = open.shoppers;
    let regulars = open.regulars;
    let (mut newcomers, mut said) = (Vec::new(), Vec::with_capacity(count));
    for _ in 0..count {
        let at = moment(past, open, end);
        let is_new = regulars == 0 || past.chance.per_mille(240);
        let customer_key = match is_new {
            // A few buy before the shop has told of them.
            true if past.chance.per_mille(30) => format!("guest-{:05}", open.orders),
            true => {
                newcomers.push(shoppers::newcomer(past, open, at));
                shoppers::key(open.shoppers)
            }
            false => shoppers::key(regular(past, regulars)),
        };
        said.push(sale(past, open, customer_key, at)?);
    }
    // Some look around and do not buy.
    for _ in 0..past.chance.below(count / 8 + 2) {
        let at = moment(past, open, end);
        newcomers.push(shoppers::newcomer(past, open, at));
    }
    let act = past.at(end, open.shop);
    let (scope, program_id) = (&company.scope, open.program.id);
    let stored = Customer::upsert_all(past.conn, scope, program_id, &newcomers, &act).await?;
    let refusal = stored.iter().find_map(|answer| answer.as_ref().err());
    ensure!(refusal.is_none(), "a customer of the demo was refused: {refusal:?}");
    for said in said.chunks(MOST_AT_ONCE) {
        let recorded = Transaction::record_all(past.conn, scope, program_id, said, &act).await?;
        let refusal = recorded.iter().find_map(|answer| answer.as_ref().err());
        ensure!(refusal.is_none(), "a sale of the demo was refused: {refusal:?}");
    }
    Ok(())
}

/// A moment of the day that ends then, rather when people are awake.
fn moment(past: &mut Past<'_>, open: &Open, end: DateTime<Utc>) -> DateTime<Utc> {
    let mut at = end;
    for _ in 0..6 {
        at = end - TimeDelta::seconds(past.chance.between(0, 24 * 60 * 60 - 1));
        let hour = (at + TimeDelta::hours(open.offer.hours)).hour() as usize;
        if past.chance.below(13) < HOURS.get(hour).copied().unwrap_or(13) {
            break;
        }
    }
    at
}

/// The number of a customer of before today; those who came of late buy more often.
fn regular(past: &mut Past<'_>, regulars: usize) -> usize {
    let (one, other) = (past.chance.below(regulars), past.chance.below(regulars));
    1 + one.max(other)
}

/// An order: of a few goods, now and then with a coupon; some earn nothing, each for a reason of its own.
fn sale(
    past: &mut Past<'_>,
    open: &mut Open,
    customer_key: String,
    at: DateTime<Utc>,
) -> anyhow::Result<NewTransaction> {
    open.orders += 1;
    let currency = open.program.currency;
    let mut said = NewTransaction {
        key: format!("order-{:06}", open.orders),
        customer_key,
        referring_customer_key: None,
        currency,
        gross: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax: Decimal::ZERO,
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: Some(at),
    };
    match past.chance.below(1000) {
        // Nothing was paid: a free sample.
        0..12 => return Ok(said),
        // Staff buy too, and nobody earns by it.
        12..20 => said.rewardable = false,
        // So little that its reward rounds to nothing.
        24..28 => {
            said.gross = major(1, currency);
            return Ok(said);
        }
        // Told late.
        28..40 => said.occurred_at = Some(at - TimeDelta::days(past.chance.between(1, 4))),
        // Paid from abroad, so often that a small demo has it too.
        _ if currency == Currency::EUR && open.orders % 100 == 57 => said.currency = "GBP".parse()?,
        _ => {}
    }
    fill(past, open, &mut said);
    Ok(said)
}

/// What is in the basket, and what it costs.
fn fill(past: &mut Past<'_>, open: &Open, said: &mut NewTransaction) {
    let has_coupon = past.chance.per_mille(90);
    let lines = if past.chance.per_mille(300) { 2 } else { 1 };
    let (mut list, mut paid) = (0, 0);
    for _ in 0..lines {
        // The dear ones stand last, and are bought less.
        let goods = open.offer.goods;
        let place = past.chance.below(goods.len()).min(past.chance.below(goods.len()));
        let Some(good) = goods.get(place) else { continue };
        let quantity = if past.chance.per_mille(200) { 2 } else { 1 };
        let full = good.price * i64::from(quantity);
        let amount = if has_coupon { full * 90 / 100 } else { full };
        (list, paid) = (list + full, paid + amount);
        said.items.push(ItemInput {
            product_id: Some(good.id.to_owned()),
            product_type: Some(good.kind.to_owned()),
            quantity,
            amount: major(amount, said.currency),
        });
    }
    let tax = paid * open.offer.tax / 100;
    said.gross = major(list + tax, said.currency);
    said.discount = major(list - paid, said.currency);
    said.tax = major(tax, said.currency);
    said.coupon_code = has_coupon.then(|| "WELCOME10".to_owned());
}

fn major(minor: i64, currency: Currency) -> Decimal {
    money::Money::new(minor, currency).to_decimal()
}
