use insta::assert_snapshot;
use mailer::{Rendered, Template, templates::*};

use crate::support::renderer;

fn payout() -> PayoutWords {
    PayoutWords {
        partner_name: "Ada Lovelace".to_owned(),
        program_name: "Acme Affiliates".to_owned(),
        amount: "120.00 EUR".to_owned(),
        method: "PayPal a•••@example.com".to_owned(),
    }
}

fn batch() -> BatchWords {
    BatchWords {
        program_name: "Acme Affiliates".to_owned(),
        total: "12345.60 EUR".to_owned(),
        payouts: 48,
        rail: "PayPal".to_owned(),
    }
}

fn reason() -> Option<String> {
    Some("The account <b>cannot</b> receive payments.".to_owned())
}

fn render<T: Template>(email: &T) -> Rendered {
    renderer().render(email).unwrap()
}

fn shown(rendered: &[Rendered]) -> String {
    let shown = rendered.iter().map(|one| format!("--- Subject: {}\n{}", one.subject, one.text));
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_partners_are_told_reads_well() {
    let told = [
        render(&PayoutApproved { payout: payout() }),
        render(&PayoutRejected { payout: payout(), reason: reason() }),
        render(&PayoutRejected { payout: payout(), reason: None }),
        render(&PayoutCancelled { payout: payout() }),
        render(&PayoutChangesRequested { payout: payout(), reason: reason() }),
        render(&PayoutPaid { payout: payout(), reference: Some("8AELMXH8UB2P8".to_owned()) }),
        render(&PayoutPaid { payout: payout(), reference: None }),
        render(&PayoutFailed { payout: payout(), reason: reason() }),
        render(&PayoutReturned { payout: payout(), reason: reason(), to_owner: false }),
        render(&PayoutMethodChanged {
            partner_name: payout().partner_name,
            program_name: payout().program_name,
            method: payout().method,
            changed_at: "22 December 2026, 23:30 UTC".to_owned(),
        }),
        render(&PayoutMethodArchived {
            partner_name: payout().partner_name,
            program_name: payout().program_name,
            method: payout().method,
            changed_at: "22 December 2026, 23:30 UTC".to_owned(),
        }),
    ];
    assert_snapshot!("payouts_of_partners.txt", shown(&told));
    assert_snapshot!("payout_failed.html", told[6].html);
    assert_snapshot!("payout_method_changed.html", told[8].html);
    for rendered in &told {
        assert!(!rendered.html.contains("<b>") && rendered.html.contains("a•••@example.com"), "{rendered:?}");
        assert!(!rendered.text.contains("{{") && !rendered.text.contains("\n\n\n"), "{}", rendered.text);
    }
}

#[test]
fn what_owners_are_told_reads_well() {
    let told = [
        render(&PayoutRequested { payout: payout() }),
        render(&PayoutReturned { payout: payout(), reason: None, to_owner: true }),
        render(&PayoutBatchFrozen { batch: batch(), needs_approval: true }),
        render(&PayoutBatchFrozen { batch: batch(), needs_approval: false }),
        render(&PayoutBatchCompleted { batch: batch(), unpaid: 0 }),
        render(&PayoutBatchCompleted { batch: batch(), unpaid: 2 }),
    ];
    assert_snapshot!("payouts_of_owners.txt", shown(&told));
    assert_snapshot!("payout_returned.html", told[1].html);
    assert_snapshot!("payout_batch_completed.html", told[5].html);
    for rendered in &told {
        assert!(!rendered.text.contains("{{") && !rendered.text.contains("\n\n\n"), "{}", rendered.text);
    }
}
