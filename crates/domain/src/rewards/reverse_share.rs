//! What adjustments leave of a sale's rewards: rewards.md, section 5. A function of the adjustments that stand, not of
//! the path to them, so that the difference to post after each one needs no memory.

use money::{Ratio, Rounding};

/// What one adjustment takes back of a sale. A chargeback that was won takes back nothing: it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenBack {
    /// Everything: a chargeback, or a sale declared void.
    All,
    /// A refund, in minor units of net, exactly, spread over all lines in proportion to their nets.
    Amount(Ratio),
    /// A refund of named lines.
    Lines(Vec<LineRefund>),
}

/// What is refunded of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRefund {
    /// The line, numbered from 0.
    pub line: usize,
    /// In minor units of net.
    pub amount: i64,
}

/// A sale's lines after its adjustments.
#[derive(Debug, Clone)]
pub struct Remainder {
    nets: Vec<i64>,
    taken: Vec<Ratio>,
}

impl Remainder {
    /// Takes back from lines of these nets, in recorded order. Refunds beyond the sale count up to it.
    pub fn new<'a>(nets: Vec<i64>, adjustments: impl IntoIterator<Item = &'a TakenBack>) -> Self {
        let mut remainder = Self { taken: vec![Ratio::zero(); nets.len()], nets };
        for adjustment in adjustments {
            remainder.take_back(adjustment);
        }
        remainder
    }

    /// The share of the lines that was taken back, from 0 to 1; of lines of no net, the share of the whole sale.
    pub fn share(&self, lines: &[usize]) -> Ratio {
        let sum = |lines: &[usize]| {
            let taken: Ratio = lines.iter().filter_map(|line| self.taken.get(*line).cloned()).sum();
            let net: Ratio =
                lines.iter().filter_map(|line| self.nets.get(*line)).map(|net| Ratio::from(*net)).sum();
            taken.checked_div(&net)
        };
        let all: Vec<usize> = (0..self.nets.len()).collect();
        let share = sum(lines).or_else(|| sum(&all)).unwrap_or_else(Ratio::zero);
        share.min(Ratio::one())
    }

    /// What is left of a reward of this amount that was made of these lines: amount x (1 - share), rounded once.
    /// Nothing only if the amount does not fit after rounding, which it always does.
    pub fn net_of_reward(&self, amount: i64, lines: &[usize], rounding: Rounding) -> Option<i64> {
        (Ratio::from(amount) * (Ratio::one() - self.share(lines))).round(rounding)
    }

    /// What is left of the sale's net, in minor units, never below 0.
    pub fn left(&self) -> Ratio {
        let net: Ratio = self.nets.iter().map(|net| Ratio::from(*net)).sum();
        (net - self.taken.iter().cloned().sum()).max(Ratio::zero())
    }

    fn take_back(&mut self, adjustment: &TakenBack) {
        match adjustment {
            TakenBack::All => self.taken = self.nets.iter().map(|net| Ratio::from(*net)).collect(),
            TakenBack::Amount(amount) => {
                let net: Ratio = self.nets.iter().map(|net| Ratio::from(*net)).sum();
                let share = self.counted(amount).checked_div(&net).unwrap_or_else(Ratio::zero);
                for (taken, net) in self.taken.iter_mut().zip(&self.nets) {
                    *taken = &*taken + &(&share * &Ratio::from(*net));
                }
            }
            TakenBack::Lines(refunds) => {
                let amount: Ratio = refunds.iter().map(|refund| Ratio::from(refund.amount)).sum();
                let counted = self.counted(&amount).checked_div(&amount).unwrap_or_else(Ratio::zero);
                for refund in refunds {
                    if let Some(taken) = self.taken.get_mut(refund.line) {
                        *taken = &*taken + &(&counted * &Ratio::from(refund.amount));
                    }
                }
            }
        }
    }

    /// As much of the refund as the sale has left.
    fn counted(&self, refund: &Ratio) -> Ratio {
        let net: Ratio = self.nets.iter().map(|net| Ratio::from(*net)).sum();
        let left = net - self.taken.iter().cloned().sum();
        left.min(refund.clone()).max(Ratio::zero())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn left(amount: i64, lines: &[usize], adjustments: &[TakenBack], rounding: Rounding) -> i64 {
        Remainder::new(vec![6_000, 4_000, 0], adjustments).net_of_reward(amount, lines, rounding).unwrap()
    }

    #[test]
    fn what_is_left_of_a_reward_of_the_whole_sale() {
        let all = &[0, 1, 2];
        let table: [(&[TakenBack], i64); 6] = [
            (&[], 2_000),
            (&[TakenBack::Amount(Ratio::from(3_333))], 1_333),
            (&[TakenBack::Amount(Ratio::from(3_333)), TakenBack::Amount(Ratio::from(3_333))], 667),
            (
                &[
                    TakenBack::Amount(Ratio::from(3_333)),
                    TakenBack::Amount(Ratio::from(3_333)),
                    TakenBack::Amount(Ratio::from(3_334)),
                ],
                0,
            ),
            (&[TakenBack::Amount(Ratio::from(99_999)), TakenBack::Amount(Ratio::from(1))], 0),
            (&[TakenBack::All], 0),
        ];
        for (adjustments, net) in table {
            assert_eq!(left(2_000, all, adjustments, Rounding::HalfEven), net, "{adjustments:?}");
        }
    }

    #[test]
    fn named_lines_touch_the_rewards_of_those_lines_alone() {
        let refund = [TakenBack::Lines(vec![LineRefund { line: 0, amount: 3_000 }])];
        assert_eq!(left(3_000, &[0], &refund, Rounding::HalfEven), 1_500);
        assert_eq!(left(400, &[1], &refund, Rounding::HalfEven), 400);
        assert_eq!(left(1_000, &[0, 1], &refund, Rounding::HalfEven), 700);
        // A line of no net follows the sale.
        assert_eq!(left(1_000, &[2], &refund, Rounding::HalfEven), 700);
    }

    #[test]
    fn thirds_are_exact() {
        let refund = [TakenBack::Amount(Ratio::from(2))];
        let remainder = Remainder::new(vec![3], &refund);
        assert_eq!(remainder.net_of_reward(150, &[0], Rounding::Down), Some(50));
    }

    proptest! {
        #[test]
        fn the_path_does_not_matter(
            nets in proptest::collection::vec(1_i64..100_000, 1..5),
            parts in proptest::collection::vec(0_i64..30_000, 0..6),
            amount in 0_i64..1_000_000,
        ) {
            let whole = TakenBack::Amount(parts.iter().sum::<i64>().into());
            let parts: Vec<_> = parts.into_iter().map(|part| TakenBack::Amount(part.into())).collect();
            let lines: Vec<usize> = (0..nets.len()).collect();
            let in_parts = Remainder::new(nets.clone(), &parts);
            let backwards = Remainder::new(nets.clone(), parts.iter().rev());
            let at_once = Remainder::new(nets, &[whole]);
            for mode in Rounding::ALL {
                let left = in_parts.net_of_reward(amount, &lines, mode).unwrap();
                prop_assert!((0..=amount).contains(&left));
                prop_assert_eq!(backwards.net_of_reward(amount, &lines, mode), Some(left));
                prop_assert_eq!(at_once.net_of_reward(amount, &lines, mode), Some(left));
            }
        }
    }
}
