use super::answers::{Group, Transfer};
use crate::PaymentState;

const WAITING: &str = "incoming_payment_waiting";
pub(super) const CANCELLED: &str = "cancelled";
/// The last status of a group that was given up; those before it are only on the way there.
pub(super) const GROUP_CANCELLED: &str = "CANCELLED";

/// Whether a transfer has its money, may have it, or had it once: it is never paid again. `incoming_payment_initiated` has money
/// on its way, and of `unknown` nobody knows: both count, and stay pending.
pub(super) fn is_funded(status: &str) -> bool {
    !matches!(status, WAITING | CANCELLED)
}

/// Whether a group has its money, as far as its transfers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Funding {
    Done,
    NotDone,
    /// A transfer is cancelled, which Wise says of one that never had money and of one that is about to be refunded.
    Unclear,
}

/// Wise funds all of a group or nothing, and cancels only groups that are not funded: what is cancelled with its group never had
/// money.
pub(super) fn funding<'a>(group: &Group, transfers: impl IntoIterator<Item = &'a Transfer>) -> Funding {
    let mut cancelled = false;
    for transfer in transfers {
        if is_funded(&transfer.status) {
            return Funding::Done;
        }
        cancelled |= transfer.status == CANCELLED;
    }
    match cancelled && group.status != GROUP_CANCELLED {
        true => Funding::Unclear,
        false => Funding::NotDone,
    }
}

/// The state of a transfer in its group. A status that is not known decides nothing, and neither does `charged_back`: it is about
/// the money that came into Wise, does not say whether the recipient has theirs, and we pay from a balance.
/// Source: <https://docs.wise.com/guides/product/send-money/tracking/transfer-statuses>.
pub(super) fn state(group: &Group, transfer: &Transfer) -> PaymentState {
    let code = transfer.status.clone();
    let provider_reference = transfer.id.to_string();
    match transfer.status.as_str() {
        "outgoing_payment_sent" => PaymentState::Paid { provider_reference, fee: None },
        "funds_refunded" => PaymentState::Returned {
            code,
            reason: "the recipient's bank sent it back".to_owned(),
            provider_reference: Some(provider_reference),
        },
        CANCELLED if group.status == GROUP_CANCELLED => PaymentState::Failed {
            code,
            reason: "the transfer was cancelled before it had money".to_owned(),
            on_payee_side: false,
        },
        // A bounced transfer may go out again; one that is cancelled has its money still at Wise. Both end as refunded.
        _ => PaymentState::Pending { code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(status: &str) -> Group {
        Group { id: "g".to_owned(), version: 1, status: status.to_owned(), transfer_ids: vec![7] }
    }

    fn transfer(status: &str) -> Transfer {
        Transfer { id: 7, status: status.to_owned(), customer_transaction_id: None }
    }

    fn of(status: &str) -> PaymentState {
        state(&group("COMPLETED"), &transfer(status))
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
    fn a_cancelled_transfer_has_failed_only_with_its_group() {
        let failed = state(&group("CANCELLED"), &transfer("cancelled"));
        assert!(matches!(failed, PaymentState::Failed { on_payee_side: false, .. }), "{failed:?}");
        for on_its_way in ["MARKED_FOR_CANCELLATION", "PROCESSING_CANCEL"] {
            let pending = PaymentState::Pending { code: "cancelled".to_owned() };
            assert_eq!(state(&group(on_its_way), &transfer("cancelled")), pending, "{on_its_way}");
        }
    }

    #[test]
    fn only_what_waits_is_unfunded_for_certain() {
        let of = |group_status: &str, statuses: &[&str]| {
            let transfers: Vec<Transfer> = statuses.iter().map(|status| transfer(status)).collect();
            funding(&group(group_status), &transfers)
        };
        assert_eq!(of("NEW", &[]), Funding::NotDone);
        assert_eq!(of("COMPLETED", &["incoming_payment_waiting"; 2]), Funding::NotDone);
        for status in [
            "incoming_payment_initiated",
            "processing",
            "unknown",
            "charged_back",
            "bounced_back",
            "funds_refunded",
            "a new word",
        ] {
            assert_eq!(of("COMPLETED", &["incoming_payment_waiting", status]), Funding::Done, "{status}");
        }
        assert_eq!(of("COMPLETED", &["cancelled", "processing"]), Funding::Done);
        assert_eq!(of("COMPLETED", &["cancelled", "incoming_payment_waiting"]), Funding::Unclear);
        assert_eq!(of("PROCESSING_CANCEL", &["cancelled"]), Funding::Unclear);
        assert_eq!(of("CANCELLED", &["cancelled"]), Funding::NotDone);
    }
}
