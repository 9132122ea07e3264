use money::{Currency, Money};

use super::answers::{ApiError, BatchHeader, Item};
use crate::{PaymentReport, PaymentState, Refusal, error::short};

/// What an item says of a payment of ours.
pub(super) fn report(item: &Item) -> Option<PaymentReport> {
    let payment = item.payout_item.sender_item_id.as_deref()?.parse().ok()?;
    Some(PaymentReport { payment, state: state(item) })
}

/// Why the whole batch was given up, if it was.
pub(super) fn denial(header: &BatchHeader) -> Option<Refusal> {
    let refusal = |code: &str| match &header.errors {
        Some(error) => error.refusal(),
        None => Refusal::new(code, "PayPal gave the batch up"),
    };
    matches!(header.batch_status.as_str(), "DENIED" | "CANCELED").then(|| refusal(&header.batch_status))
}

/// An item's state. A status that is not known decides nothing.
/// Source: <https://developer.paypal.com/payouts/use-payouts/track-payout-item-status>.
fn state(item: &Item) -> PaymentState {
    let status = item.transaction_status.as_deref().unwrap_or("PENDING");
    let (code, reason) = said(item.errors.as_ref(), status);
    match status {
        "SUCCESS" => PaymentState::Paid {
            provider_reference: item.transaction_id.clone().unwrap_or_else(|| item.payout_item_id.clone()),
            fee: fee(item),
        },
        "FAILED" => PaymentState::Failed { on_payee_side: is_on_payee_side(&code), code, reason },
        // PayPal stopped it: not for the recipient to mend.
        "BLOCKED" | "DENIED" => PaymentState::Failed { on_payee_side: false, code, reason },
        "RETURNED" | "REFUNDED" | "REVERSED" | "CANCELED" => {
            PaymentState::Returned { code, reason, provider_reference: item.transaction_id.clone() }
        }
        _ => PaymentState::Pending { code: status.to_owned() },
    }
}

fn said(error: Option<&ApiError>, status: &str) -> (String, String) {
    match error {
        Some(error) => (error.name.clone(), short(&error.message)),
        None => (status.to_owned(), String::new()),
    }
}

/// The fee, if it is an amount of a currency that we know.
fn fee(item: &Item) -> Option<Money> {
    let fee = item.payout_item_fee.as_ref()?;
    Money::parse(&fee.value, Currency::parse(&fee.currency).ok()?).ok()
}

/// Errors that the recipient alone can mend, or nobody.
/// Source: the table of error and reason codes at <https://developer.paypal.com/payouts/use-payouts/view-transactions>.
fn is_on_payee_side(code: &str) -> bool {
    let of_recipient = ["RECEIVER_", "RECEIVING_", "RECIPIENT_"].iter().any(|start| code.starts_with(start));
    let others = [
        "CLOSED_MARKET",
        "GAMER_FAILED_COUNTRY_OF_RESIDENCE_CHECK",
        "INVALID_EMAIL",
        "INVALID_EMAIL_ID",
        "NON_EXISTENT_RECEIVER",
        "REFUSED_RECEIVER_REFUSED",
        "UNREGISTERED_RECEIVER",
    ];
    of_recipient || others.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(status: &str, error: Option<&str>) -> Item {
        let errors = error.map(|name| serde_json::json!({ "name": name, "message": "why", "details": {} }));
        let item = serde_json::json!({
            "payout_item_id": "I", "transaction_id": "T", "transaction_status": status, "errors": errors,
            "payout_item_fee": { "currency": "USD", "value": "0.25" }, "payout_item": { "sender_item_id": "pay_1" },
        });
        serde_json::from_value(item).unwrap()
    }

    #[test]
    fn every_status_has_a_meaning() {
        let paid = PaymentState::Paid {
            provider_reference: "T".to_owned(),
            fee: Some(Money::new(25, Currency::USD)),
        };
        assert_eq!(state(&item("SUCCESS", None)), paid);
        for status in ["PENDING", "UNCLAIMED", "ONHOLD", "SOMETHING_NEW"] {
            let pending = PaymentState::Pending { code: status.to_owned() };
            assert_eq!(state(&item(status, Some("RECEIVER_UNREGISTERED"))), pending);
        }
        for status in ["RETURNED", "REFUNDED", "REVERSED", "CANCELED"] {
            assert!(matches!(state(&item(status, None)), PaymentState::Returned { .. }), "{status}");
        }
        for status in ["BLOCKED", "DENIED"] {
            let failed = state(&item(status, Some("RECEIVER_REFUSED")));
            assert!(matches!(failed, PaymentState::Failed { on_payee_side: false, .. }), "{status}");
        }
    }

    #[test]
    fn a_status_counts_also_if_what_explains_it_cannot_be_read() {
        let said = serde_json::json!({
            "payout_item_id": "I", "transaction_status": "SUCCESS", "errors": ["no"],
            "payout_item_fee": { "value": 7 }, "payout_item": {},
        });
        let paid = PaymentState::Paid { provider_reference: "I".to_owned(), fee: None };
        assert_eq!(state(&serde_json::from_value(said).unwrap()), paid);
        let header = serde_json::json!({ "payout_batch_id": "B", "batch_status": "CANCELED", "errors": [7] });
        let denied = denial(&serde_json::from_value(header).unwrap());
        assert_eq!(denied.map(|refusal| refusal.code).as_deref(), Some("CANCELED"));
    }

    #[test]
    fn a_failure_is_on_the_side_that_can_mend_it() {
        for (code, payee) in [
            ("RECEIVER_ACCOUNT_LOCKED", true),
            ("RECEIVING_LIMIT_EXCEEDED", true),
            ("INVALID_EMAIL_ID", true),
            ("INSUFFICIENT_FUNDS", false),
            ("SENDER_STATE_RESTRICTED", false),
            ("INTERNAL_ERROR", false),
        ] {
            match state(&item("FAILED", Some(code))) {
                PaymentState::Failed { on_payee_side, .. } => assert_eq!(on_payee_side, payee, "{code}"),
                other => panic!("{code}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_item_that_is_not_ours_is_left_out() {
        let mut foreign = item("SUCCESS", None);
        foreign.payout_item.sender_item_id = Some("invoice 7".to_owned());
        assert_eq!(report(&foreign), None);
    }
}
