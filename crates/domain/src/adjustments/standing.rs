use std::collections::HashSet;

use money::{Currency, Money, Ratio, Rounding};

use super::{Adjustment, AdjustmentBasis, AdjustmentKind, AdjustmentRefused};
use crate::{text_enum, transactions::Transaction};

text_enum! {
    /// What became of a sale.
    TransactionStatus {
        /// Nothing was taken back.
        Recorded = "RECORDED",
        /// Refunds gave back a part of it.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
        /// Refunds gave back all of it.
        Refunded = "REFUNDED",
        /// A chargeback stands.
        ChargedBack = "CHARGED_BACK",
        /// It was declared void.
        Voided = "VOIDED",
    }
}

/// Why a sale has no room for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// A chargeback that stands, or a void, took everything back.
    NothingLeft(TransactionStatus),
    /// Together with those before it, it would give back more than the sale.
    Exceeds {
        /// What is left of the gross, rounded down.
        left: Money,
    },
}

/// How a sale stands after its adjustments: exact, in its gross, and the same whatever their order.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    sale: &'a Transaction,
    refunded: Ratio,
    is_charged_back: bool,
    is_void: bool,
}

impl Adjustment {
    /// Why the adjustment cannot count for a sale of this currency, which has so many lines.
    pub fn refusal(&self, currency: Currency, lines: usize) -> Option<AdjustmentRefused> {
        let is_of_sale = |line: &super::RefundLine| line.line < lines;
        if self.currency.is_some_and(|own| own != currency) {
            Some(AdjustmentRefused::OtherCurrency)
        } else if self.lines.as_ref().is_some_and(|named| !named.0.iter().all(is_of_sale)) {
            Some(AdjustmentRefused::UnknownLine)
        } else {
            None
        }
    }

    /// What a refund gives back of the net of a sale of these amounts, in minor units and exactly: its lines, or its amount in the net basis, or
    /// amount x net / gross. Nothing of other adjustments, and of a sale of no gross.
    pub fn net_of(&self, gross: i64, net: i64) -> Ratio {
        match (&self.lines, self.amount) {
            (Some(lines), _) => lines.0.iter().map(|line| Ratio::from(line.amount)).sum(),
            (None, None) => Ratio::zero(),
            (None, Some(amount)) if self.basis == AdjustmentBasis::Net => Ratio::from(amount),
            (None, Some(amount)) => {
                let share = Ratio::from(amount) * Ratio::from(net);
                share.checked_div(&Ratio::from(gross)).unwrap_or_else(Ratio::zero)
            }
        }
    }

    /// The same of the gross. Nothing if it is said in net and the sale has none.
    fn gross_of(&self, sale: &Transaction) -> Option<Ratio> {
        match (&self.lines, self.amount) {
            (None, Some(amount)) if self.basis == AdjustmentBasis::Gross => Some(Ratio::from(amount)),
            (None, None) => Some(Ratio::zero()),
            _ if sale.net <= 0 => None,
            _ => (self.net_of(sale.gross, sale.net) * Ratio::from(sale.gross))
                .checked_div(&Ratio::from(sale.net)),
        }
    }
}

impl<'a> Standing<'a> {
    /// The sale, which has so many lines, after these adjustments. Those that cannot count for it do not.
    pub fn new(sale: &'a Transaction, lines: usize, adjustments: &[Adjustment]) -> Self {
        let counts = |one: &&Adjustment| one.refused.is_none() && one.refusal(sale.currency, lines).is_none();
        let counted: Vec<&Adjustment> = adjustments.iter().filter(counts).collect();
        let won: HashSet<&str> = counted.iter().filter_map(|one| one.chargeback_key.as_deref()).collect();
        let stands =
            |one: &&Adjustment| one.kind == AdjustmentKind::Chargeback && !won.contains(one.key.as_str());
        Self {
            sale,
            refunded: counted.iter().filter_map(|one| one.gross_of(sale)).sum(),
            is_charged_back: counted.iter().copied().any(|one| stands(&one)),
            is_void: counted.iter().any(|one| one.kind == AdjustmentKind::Void),
        }
    }

    /// What became of the sale.
    pub fn status(&self) -> TransactionStatus {
        if self.is_void {
            TransactionStatus::Voided
        } else if self.is_charged_back {
            TransactionStatus::ChargedBack
        } else if self.refunded.is_zero() {
            TransactionStatus::Recorded
        } else if self.refunded < self.gross() {
            TransactionStatus::PartiallyRefunded
        } else {
            TransactionStatus::Refunded
        }
    }

    /// What refunds gave back, in gross: at most the sale, rounded half to even where it was said in net.
    pub fn refunded(&self) -> Money {
        let refunded = self.refunded.clone().min(self.gross()).round(Rounding::HalfEven);
        self.sale.money(refunded.unwrap_or(self.sale.gross))
    }

    /// Whether the sale has room for one more refund: refunds together never exceed it.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn admits(&self, refund: &Adjustment) -> Result<(), NoRoom> {
        if self.is_void || self.is_charged_back {
            return Err(NoRoom::NothingLeft(self.status()));
        }
        let left = (self.gross() - self.refunded.clone()).max(Ratio::zero());
        match refund.gross_of(self.sale) {
            Some(gross) if gross <= left => Ok(()),
            _ => {
                let left = left.round(Rounding::Down).unwrap_or(0);
                Err(NoRoom::Exceeds { left: self.sale.money(left) })
            }
        }
    }

    fn gross(&self) -> Ratio {
        Ratio::from(self.sale.gross)
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
