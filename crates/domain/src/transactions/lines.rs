//! Net and lines of a sale: rewards.md, section 1.

use serde::{Deserialize, Serialize};

/// An item of a sale as it was said, and a line of it as it is rewarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The seller's name of the product.
    pub product_id: Option<String>,
    /// The seller's name of its kind.
    pub product_type: Option<String>,
    /// How many; at least 1.
    pub quantity: i32,
    /// The net amount in minor units of the sale's currency; at least 0 when said by an item.
    pub amount: i64,
}

/// The net of a sale and its lines, which sum to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// gross - discount - tax, in minor units.
    pub net: i64,
    /// The items, and what they leave of the net as one more line at the end.
    pub lines: Vec<Line>,
}

/// Why amounts make no sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// The items sum to more than the net.
    #[error("the items sum to {items} minor units, the net is {net}")]
    ItemsAboveNet {
        /// The sum of the items' amounts, in minor units.
        items: i64,
        /// gross - discount - tax, in minor units.
        net: i64,
    },
    /// A difference or sum does not fit 64 bits of minor units.
    #[error("the amounts are out of range")]
    OutOfRange,
}

/// The net and the lines of a sale of these amounts, in minor units of one currency.
///
/// # Errors
/// When the items are above the net, or a sum is out of range.
pub fn lines(gross: i64, discount: i64, tax: i64, items: Vec<Line>) -> Result<Lines, LinesError> {
    let net =
        gross.checked_sub(discount).and_then(|rest| rest.checked_sub(tax)).ok_or(LinesError::OutOfRange)?;
    let sum = items
        .iter()
        .try_fold(0_i64, |sum, item| sum.checked_add(item.amount))
        .ok_or(LinesError::OutOfRange)?;
    let mut lines = items;
    if lines.is_empty() {
        lines.push(rest_line(net));
    } else if sum > net {
        return Err(LinesError::ItemsAboveNet { items: sum, net });
    } else if sum < net {
        lines.push(rest_line(net.checked_sub(sum).ok_or(LinesError::OutOfRange)?));
    }
    Ok(Lines { net, lines })
}

fn rest_line(amount: i64) -> Line {
    Line { product_id: None, product_type: None, quantity: 1, amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(amount: i64) -> Line {
        Line { product_id: Some("pro".to_owned()), product_type: None, quantity: 2, amount }
    }

    #[test]
    fn lines_sum_to_the_net() {
        let table: [(i64, &[i64], &[i64]); 6] = [
            (1000, &[], &[1000]),
            (1000, &[1000], &[1000]),
            (1000, &[600, 300], &[600, 300, 100]),
            (0, &[], &[0]),
            (0, &[0], &[0]),
            (-500, &[], &[-500]),
        ];
        for (net, items, amounts) in table {
            let items = items.iter().map(|amount| item(*amount)).collect();
            let made = lines(net + 30, 10, 20, items).unwrap();
            assert_eq!(made.net, net);
            assert_eq!(made.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), amounts);
        }
    }

    #[test]
    fn what_the_items_leave_is_one_nameless_unit() {
        let made = lines(1000, 0, 0, vec![item(900)]).unwrap();
        assert_eq!(made.lines[1], Line { product_id: None, product_type: None, quantity: 1, amount: 100 });
    }

    #[test]
    fn amounts_that_make_no_sale() {
        assert_eq!(
            lines(1000, 0, 1, vec![item(1000)]),
            Err(LinesError::ItemsAboveNet { items: 1000, net: 999 })
        );
        assert_eq!(lines(i64::MIN, 1, 0, vec![]), Err(LinesError::OutOfRange));
        assert_eq!(lines(0, 0, 0, vec![item(i64::MAX), item(1)]), Err(LinesError::OutOfRange));
    }
}
