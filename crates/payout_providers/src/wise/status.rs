use super::answers::Transfer;
use crate::PaymentState;

/// Whether a transfer has its money, may have it, or had it once: one that is on its way counts, so that nothing is paid twice.
pub(super) fn is_funded(status: &str) -> bool {
    !matches!(status, "incoming_payment_waiting" | "cancelled")
}

/// A transfer's state, of a group that was funded. A status that is not known decides nothing, and neither does `charged_back`:
/// it is about payments into Wise, and we pay from the balance.
/// Source: <https://docs.wise.com/guides/product/send-money/tracking/transfer-statuses>.
pub(super) fn state(transfer: &Transfer) -> PaymentState {
    let code = transfer.status.clone();
    let provider_reference = transfer.id.to_string();
    match transfer.status.as_str() {
        "outgoing_payment_sent" => PaymentState::Paid { provider_reference, fee: None },
        "funds_refunded" => PaymentState::Returned {
            code,
            reason: "the recipient's bank sent it back".to_owned(),
            provider_reference: Some(provider_reference),
        },
        // A bounced transfer may go out again; one that is cancelled has its money still at Wise. Both end as refunded.
        _ => PaymentState::Pending { code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: &str) -> PaymentState {
        state(&Transfer { id: 7, status: status.to_owned(), customer_transaction_id: None })
    }

    #[test]
    fn every_status_has_a_meaning() {
        assert_eq!(
            of("outgoing_payment_sent"),
            PaymentState::Paid { provider_reference: "7".into(), fee: None }
        );
        assert!(matches!(of("funds_refunded"), PaymentState::Returned { .. }));
        for status in [
            "incoming_payment_waiting",
            "incoming_payment_initiated",
            "processing",
            "funds_converted",
            "bounced_back",
            "cancelled",
            "charged_back",
            "waiting_recipient_input_to_proceed",
            "unknown",
        ] {
            assert_eq!(of(status), PaymentState::Pending { code: status.to_owned() });
        }
    }

    #[test]
    fn only_what_waits_or_was_cancelled_is_unfunded() {
        assert!(!is_funded("incoming_payment_waiting") && !is_funded("cancelled"));
        assert!(is_funded("processing") && is_funded("bounced_back") && is_funded("funds_refunded"));
    }
}
