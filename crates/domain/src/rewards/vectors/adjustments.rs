//! The adjustments of a history, and what they leave of its rewards.

use std::collections::{BTreeMap, BTreeSet};

use money::Rounding;

use super::{
    amounts::minor,
    answer::PrintedReward,
    history::{Adjustment, LineOut, Refund, Sale},
    refusal::Refusal,
};
use crate::rewards::{AmountOutOfRange, LineRefund, Remainder, TakenBack};

/// All adjustments, in recorded order, by the sale that they name: one that arrives before its sale waits for it.
#[derive(Default)]
pub(super) struct Adjustments<'h> {
    ids: BTreeSet<&'h str>,
    won: BTreeSet<&'h str>,
    by_sale: BTreeMap<&'h str, Vec<Recorded<'h>>>,
}

enum Recorded<'h> {
    Refund(&'h Refund),
    Chargeback(&'h str),
    Void,
}

/// A reward and the lines that it was made of.
pub(super) struct Made {
    pub(super) reward: PrintedReward,
    pub(super) lines: Vec<usize>,
}

impl<'h> Adjustments<'h> {
    /// Whether this is the first adjustment of its id: one that was recorded before is the same.
    fn is_new(&mut self, id: &'h str) -> bool {
        self.ids.insert(id)
    }

    pub(super) fn refund(&mut self, refund: &'h Refund) {
        if self.is_new(&refund.id) {
            self.by_sale.entry(&refund.transaction).or_default().push(Recorded::Refund(refund));
        }
    }

    pub(super) fn chargeback(&mut self, chargeback: &'h Adjustment) {
        if self.is_new(&chargeback.id) {
            self.by_sale
                .entry(&chargeback.transaction)
                .or_default()
                .push(Recorded::Chargeback(&chargeback.id));
        }
    }

    pub(super) fn void(&mut self, void: &'h Adjustment) {
        if self.is_new(&void.id) {
            self.by_sale.entry(&void.transaction).or_default().push(Recorded::Void);
        }
    }

    /// A chargeback that was won takes nothing back, also one that arrives later.
    pub(super) fn won(&mut self, id: &'h str, chargeback: &'h str) {
        if self.is_new(id) {
            self.won.insert(chargeback);
        }
    }

    /// Sets the net of each reward of the sale to what its adjustments leave.
    pub(super) fn apply(
        &self,
        (sale, nets): (&Sale, Vec<i64>),
        made: &mut [Made],
        rounding: Rounding,
    ) -> Result<(), Refusal> {
        let Some(recorded) = self.by_sale.get(sale.id.as_str()) else {
            return Ok(());
        };
        let standing = recorded.iter().filter_map(|adjustment| self.taken_back(adjustment, sale).transpose());
        let remainder = Remainder::new(nets, &standing.collect::<Result<Vec<_>, _>>()?);
        for made in made {
            let net = remainder.net_of_reward(made.reward.amount, &made.lines, rounding);
            made.reward.net = net.ok_or(AmountOutOfRange)?;
        }
        Ok(())
    }

    /// What the adjustment takes back, if it stands.
    fn taken_back(&self, adjustment: &Recorded<'_>, sale: &Sale) -> Result<Option<TakenBack>, Refusal> {
        Ok(match adjustment {
            Recorded::Void => Some(TakenBack::All),
            Recorded::Chargeback(id) => (!self.won.contains(id)).then_some(TakenBack::All),
            Recorded::Refund(refund) => Some(match &refund.lines {
                None => TakenBack::Amount(minor(&refund.amount, sale.currency)?),
                Some(lines) => {
                    let line = |out: &LineOut| {
                        Ok(LineRefund { line: out.line, amount: minor(&out.amount, sale.currency)? })
                    };
                    TakenBack::Lines(lines.iter().map(line).collect::<Result<_, Refusal>>()?)
                }
            }),
        })
    }
}
