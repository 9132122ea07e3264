use chrono::TimeDelta;
use domain::{
    adjustments::{Adjustment, NewAdjustment, NewAdjustmentKind, NewChargebackWon, NewRefund, SaleNamed},
    transactions::Transaction,
};
use money::Money;

use super::{company::Company, past::Past, programs::Open};

/// How far back an order may lie of which something is taken back.
const LATEST: usize = 150;

/// Now and then an order of the last weeks is refunded, half or whole, or declared void; some are charged back, and of these
/// disputes some are won.
pub async fn of_day(past: &mut Past<'_>, company: &Company, open: &mut Open, day: u32) -> anyhow::Result<()> {
    let end = past.end_of(day);
    let act = past.at(end, open.shop);
    let at = end - TimeDelta::minutes(past.chance.between(1, 12 * 60));
    if past.chance.per_mille(200)
        && let Some(chargeback_key) = open.disputes.pop()
    {
        let key = format!("{chargeback_key}-won");
        let won = NewChargebackWon {
            program_id: open.program.id,
            chargeback_key,
            key,
            occurred_at: Some(at.min(past.now)),
        };
        Adjustment::record_won(past.conn, &company.scope, &won, &act).await?;
    }
    // Of today's orders none: they are the last.
    let (last, a_day) = (open.orders.saturating_sub(20), open.orders / (day as usize + 1));
    for _ in 0..past.chance.below(2 + a_day / 25) {
        let order = last.saturating_sub(past.chance.below(LATEST));
        if order == 0 || !open.adjusted.insert(order) {
            continue;
        }
        let key = format!("order-{order:06}");
        let sale = Transaction::find_by_key(past.conn, &company.scope, open.program.id, &key).await?;
        let Some(sale) = sale.filter(|sale| sale.gross > 1) else { continue };
        let back = |minor| {
            let amount = Some(Money::new(minor, sale.currency).to_decimal());
            NewAdjustmentKind::Refund(NewRefund { amount, ..NewRefund::default() })
        };
        let (word, what) = match past.chance.below(10) {
            0..5 => ("refund", back(sale.gross / 2)),
            5..8 => ("refund", back(sale.gross)),
            8 => ("chargeback", NewAdjustmentKind::Chargeback),
            _ => ("void", NewAdjustmentKind::Void),
        };
        let name = format!("{word}-{order:06}");
        if word == "chargeback" {
            open.disputes.push(name.clone());
        }
        let sale = SaleNamed::Key { program_id: open.program.id, key };
        let said = NewAdjustment { sale, key: name, what, occurred_at: Some(at.min(past.now)) };
        Adjustment::record(past.conn, &company.scope, &said, &act).await?;
    }
    Ok(())
}
