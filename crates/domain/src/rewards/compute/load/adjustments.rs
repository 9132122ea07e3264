use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, TransactionId};
use money::{Currency, Ratio};

use crate::{
    adjustments::{Adjustment, AdjustmentKind, AdjustmentRefused},
    programs::Program,
    rewards::{AdjustmentFacts, Adjusts, LineRefund, TakenBack},
    schema::{adjustments, transactions},
};

/// The adjustments of a batch, and what else they need.
#[derive(Default)]
pub(in crate::rewards::compute) struct LoadedAdjustments {
    /// Those that the batch's facts are about.
    pub(in crate::rewards::compute) new: HashMap<AdjustmentId, Adjustment>,
    /// Those that were waiting for a sale of the batch, in recorded order.
    pub(in crate::rewards::compute) waiting: Vec<Adjustment>,
    /// The chargebacks that were won before the batch, by key, with the adjustments that say so.
    pub(in crate::rewards::compute) won: Vec<(String, AdjustmentId)>,
    /// The sales that they are about, if there are any of that key.
    pub(super) sales: Vec<TransactionId>,
}

/// A sale as adjustments are read beside it.
#[derive(Clone, Copy)]
pub(in crate::rewards::compute) struct Beside {
    pub(in crate::rewards::compute) currency: Currency,
    pub(in crate::rewards::compute) gross: i64,
    pub(in crate::rewards::compute) net: i64,
    pub(in crate::rewards::compute) lines: usize,
}

impl LoadedAdjustments {
    /// Loads what the batch's facts are about, and what waits for its sales.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        program: &Program,
        ids: &[AdjustmentId],
        sale_keys: &[&str],
    ) -> QueryResult<Self> {
        use adjustments as a;
        let mut loaded = Self::default();
        if !ids.is_empty() {
            let rows: Vec<Adjustment> = a::table
                .filter(a::account_id.eq(program.account_id))
                .filter(a::id.eq_any(ids))
                .select(Adjustment::as_select())
                .load(conn)
                .await?;
            loaded.new = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        if !sale_keys.is_empty() {
            loaded.waiting = a::table
                .filter(a::program_id.eq(program.id))
                .filter(a::transaction_key.eq_any(sale_keys))
                .filter(a::transaction_id.is_null())
                .filter(a::position.is_not_null())
                .filter(a::refused.is_null())
                .order(a::position)
                .select(Adjustment::as_select())
                .load(conn)
                .await?;
        }
        loaded.load_disputes(conn, program).await?;
        Ok(loaded)
    }

    /// Which of the chargebacks were won before, and whose sales the won ones are of.
    async fn load_disputes(&mut self, conn: &mut AsyncPgConnection, program: &Program) -> QueryResult<()> {
        use adjustments as a;
        let all = || self.new.values().chain(&self.waiting);
        let chargebacks: BTreeSet<&str> =
            all().filter(|row| row.kind == AdjustmentKind::Chargeback).map(|row| row.key.as_str()).collect();
        if !chargebacks.is_empty() {
            let won: Vec<(Option<String>, AdjustmentId)> = a::table
                .filter(a::program_id.eq(program.id))
                .filter(a::chargeback_key.eq_any(chargebacks))
                .filter(a::position.is_not_null())
                .select((a::chargeback_key, a::id))
                .load(conn)
                .await?;
            self.won = won.into_iter().filter_map(|(key, id)| Some((key?, id))).collect();
        }
        let disputed: BTreeSet<&str> = all().filter_map(|row| row.chargeback_key.as_deref()).collect();
        let mut sale_keys: BTreeSet<String> =
            self.new.values().filter_map(|row| row.transaction_key.clone()).collect();
        if !disputed.is_empty() {
            let keys: Vec<Option<String>> = a::table
                .filter(a::program_id.eq(program.id))
                .filter(a::key.eq_any(disputed))
                .filter(a::kind.eq(AdjustmentKind::Chargeback))
                .select(a::transaction_key)
                .load(conn)
                .await?;
            sale_keys.extend(keys.into_iter().flatten());
        }
        if !sale_keys.is_empty() {
            self.sales = transactions::table
                .filter(transactions::program_id.eq(program.id))
                .filter(transactions::key.eq_any(sale_keys))
                .select(transactions::id)
                .load(conn)
                .await?;
        }
        Ok(())
    }
}

/// What the adjustment takes back of a sale of these amounts; nothing of a won dispute.
pub(super) fn takes(adjustment: &Adjustment, gross: i64, net: i64) -> Option<TakenBack> {
    Some(match adjustment.kind {
        AdjustmentKind::Chargeback | AdjustmentKind::Void => TakenBack::All,
        AdjustmentKind::ChargebackWon => return None,
        AdjustmentKind::Refund => match (&adjustment.lines, adjustment.amount) {
            (Some(lines), _) => {
                let line = |line: &crate::adjustments::RefundLine| LineRefund {
                    line: line.line,
                    amount: line.amount,
                };
                TakenBack::Lines(lines.0.iter().map(line).collect())
            }
            (None, _) => TakenBack::Amount(adjustment.net_of(gross, net)),
        },
    })
}

/// The adjustment as the book takes it beside its sale, or why it cannot be counted. Without a sale it is not read.
pub(in crate::rewards::compute) fn facts(
    adjustment: &Adjustment,
    sale: Option<Beside>,
) -> Result<AdjustmentFacts, AdjustmentRefused> {
    let kind = match (adjustment.kind, &adjustment.chargeback_key, sale) {
        (AdjustmentKind::ChargebackWon, chargeback, _) => {
            Adjusts::ChargebackWon { chargeback: chargeback.clone().unwrap_or_default() }
        }
        (AdjustmentKind::Chargeback, ..) => Adjusts::Chargeback,
        (AdjustmentKind::Void, ..) => Adjusts::Void,
        (AdjustmentKind::Refund, _, None) => Adjusts::Refund(TakenBack::Amount(Ratio::zero())),
        (AdjustmentKind::Refund, _, Some(sale)) => {
            if let Some(refused) = adjustment.refusal(sale.currency, sale.lines) {
                return Err(refused);
            }
            let takes = takes(adjustment, sale.gross, sale.net);
            Adjusts::Refund(takes.unwrap_or_else(|| TakenBack::Amount(Ratio::zero())))
        }
    };
    Ok(AdjustmentFacts {
        id: adjustment.id,
        key: adjustment.key.clone(),
        sale_key: adjustment.transaction_key.clone().unwrap_or_default(),
        at: adjustment.occurred_at,
        kind,
    })
}
