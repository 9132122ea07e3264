use documents::RenderError;
use money::{Currency, Money, MoneyError};

use crate::samples::{euro, invoice, statement};

#[test]
fn sums_are_computed_and_other_currencies_refused() {
    let totals = statement(0).totals().unwrap();
    assert_eq!(
        (totals.total_in, totals.total_out, totals.closing),
        (euro(28_000), euro(-121_250), euro(10_967))
    );
    let totals = invoice().totals().unwrap();
    assert_eq!((totals.net, totals.tax, totals.total), (euro(120_000), euro(22_800), euro(142_800)));

    let mut mixed = statement(0);
    mixed.lines[0].amount = Money::new(1, Currency::USD).into();
    let is_mismatch = |error| matches!(error, RenderError::Money(MoneyError::CurrencyMismatch { .. }));
    assert!(is_mismatch(mixed.to_pdf().unwrap_err()) && is_mismatch(mixed.to_csv().unwrap_err()));
    let mut foreign_tax = invoice();
    foreign_tax.taxes[0].amount = Money::new(1, Currency::USD).into();
    assert!(is_mismatch(foreign_tax.to_pdf().unwrap_err()));
}
