use money::Money;

/// The amount as PayPal wants it: `19.90`, `500`; `None` if it is of a currency or has a fraction that PayPal cannot pay.
pub(crate) fn text(amount: Money) -> Option<String> {
    let currency = amount.currency();
    if !payout_details::paypal_pays(currency) {
        return None;
    }
    if !payout_details::paypal_pays_whole(currency) {
        return Some(amount.to_decimal().to_string());
    }
    let unit = currency.minor_per_major();
    (amount.minor() % unit == 0).then(|| (amount.minor() / unit).to_string())
}

/// Whether PayPal can pay this amount: not in each currency, and in some whole units only.
pub fn can_pay(amount: Money) -> bool {
    text(amount).is_some()
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    #[test]
    fn amounts_have_the_digits_that_paypal_takes() {
        let cases = [
            ("USD", 1990, Some("19.90")),
            ("JPY", 500, Some("500")),
            ("HUF", 120_000, Some("1200")),
            ("HUF", 120_050, None),
            ("TWD", 1, None),
            ("KWD", 1_000, None),
        ];
        for (code, minor, expected) in cases {
            let amount = Money::new(minor, Currency::parse(code).unwrap());
            assert_eq!(text(amount).as_deref(), expected, "{amount}");
        }
    }
}
