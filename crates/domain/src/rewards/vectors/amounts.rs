//! The amounts of a history: decimal texts in major units.

use money::{Currency, Money, MoneyError};

use super::{
    history::{Item, Sale},
    refusal::Refusal,
};
use crate::{
    rewards::AmountOutOfRange,
    transactions::{Line, Lines, LinesError, lines},
};

/// The lines of the sale; nothing if it is refused because its items are above its net.
pub(super) fn sale_lines(sale: &Sale) -> Result<Option<Lines>, Refusal> {
    let minor = |amount: &String| minor(amount, sale.currency);
    let item = |item: &Item| {
        Ok(Line {
            product_id: item.product_id.clone(),
            product_type: item.product_type.clone(),
            quantity: item.quantity,
            amount: minor(&item.amount)?,
        })
    };
    let items = sale.items.iter().map(item).collect::<Result<_, MoneyError>>()?;
    match lines(minor(&sale.gross)?, minor(&sale.discount)?, minor(&sale.tax)?, items) {
        Ok(lines) => Ok(Some(lines)),
        Err(LinesError::ItemsAboveNet { .. }) => Ok(None),
        Err(LinesError::OutOfRange) => Err(AmountOutOfRange.into()),
    }
}

/// The amount in minor units.
pub(super) fn minor(amount: &str, currency: Currency) -> Result<i64, MoneyError> {
    Money::parse(amount, currency).map(Money::minor)
}
