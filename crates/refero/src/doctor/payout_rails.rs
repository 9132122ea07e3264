//! On which rails this environment can pay.

use jobs::Providers;

use super::Line;

const CHECK: &str = "payout rails";

/// Which rails pay, and what the others need. Nothing is wrong with an instance that pays by files and by hand alone.
pub fn look(providers: &Providers) -> Line {
    let rails = [
        ("PAYPAL", providers.paypal.is_some(), "PAYPAL_CLIENT_ID"),
        ("WISE", providers.wise.is_some(), "WISE_TOKEN"),
        ("SEPA_FILE", providers.debtor.is_some(), "SEPA_DEBTOR_NAME"),
    ];
    let set: Vec<_> = rails.iter().filter(|(_, set, _)| *set).map(|(rail, ..)| *rail).collect();
    let unset = rails.iter().filter(|(_, set, _)| !set);
    let unset: Vec<_> = unset.map(|(rail, _, key)| format!("{rail} ({key})")).collect();
    let mut found = [set, vec!["other files and by hand"]].concat().join(", ");
    if !unset.is_empty() {
        found = format!("{found}; not set up: {}", unset.join(", "));
    }
    Line::ok(CHECK, found)
}

#[cfg(test)]
mod tests {
    use payout_providers::files::Debtor;

    use super::*;

    #[test]
    fn what_is_not_set_up_is_named_with_its_key() {
        let none = look(&Providers::default());
        assert_eq!(
            none.found,
            "other files and by hand; not set up: PAYPAL (PAYPAL_CLIENT_ID), WISE (WISE_TOKEN), SEPA_FILE (SEPA_DEBTOR_NAME)"
        );
        let iban = "DE89370400440532013000".parse().unwrap();
        let debtor = Debtor { name: "Coffee".to_owned(), iban, bic: None };
        let one = look(&Providers { debtor: Some(debtor), ..Providers::default() });
        assert_eq!(
            one.found,
            "SEPA_FILE, other files and by hand; not set up: PAYPAL (PAYPAL_CLIENT_ID), WISE (WISE_TOKEN)"
        );
    }
}
