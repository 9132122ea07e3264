//! Orders to banks, and their answers: what they say. That they are valid is tried in `schemas.rs`.

use money::{Currency, Money};
use payout_providers::{
    LegalForm, PaymentState, Recipient, Submission,
    files::{NotAStatusReport, NotPayable, read_pain002},
};

use crate::{
    bank::{debtor, order, payment, report},
    office::{of, reference, to_banks, to_paypal},
};

#[test]
fn an_order_says_what_is_paid_in_the_characters_of_banks() {
    let with_bank =
        order(&to_banks("sub_01h455vb4pex5vsknk084sn02q", 2), &debtor(Some("BYLADEM1001")), true).unwrap();
    insta::assert_binary_snapshot!("with_bank.xml", with_bank.into_bytes());
    let bare = order(&to_banks("sub_2", 1), &debtor(None), false).unwrap();
    insta::assert_binary_snapshot!("bare.xml", bare.into_bytes());
}

#[test]
fn the_control_sum_is_the_sum() {
    let submission = to_banks("sub_1", 250);
    let text = order(&submission, &debtor(None), true).unwrap();
    assert_eq!(submission.total(), Money::new(250 * 1000 + 249 * 250 / 2, Currency::EUR));
    assert_eq!(text.matches("<CtrlSum>2811.25</CtrlSum>").count(), 2);
    assert_eq!(text.matches("<NbOfTxs>250</NbOfTxs>").count(), 2);
    assert_eq!(text.matches("<EndToEndId>").count(), 250);
}

#[test]
fn what_sepa_does_not_pay_is_refused() {
    let dollars = to_paypal("sub_1", 1);
    assert_eq!(order(&dollars, &debtor(None), true), Err(NotPayable::Currency(Currency::USD)));
    let by_hand = of("sub_1", Currency::EUR, 1, |_| dollars.payments()[0].recipient.clone());
    assert_eq!(order(&by_hand, &debtor(None), true), Err(NotPayable::Recipient(reference("pay_0"))));
    // A bank may refuse a whole order for one account that SEPA does not reach.
    let turkish = Recipient::Bank {
        name: "Aylin".to_owned(),
        form: LegalForm::Person,
        iban: "TR330006100519786457841326".parse().unwrap(),
        bic: None,
    };
    let outside = of("sub_1", Currency::EUR, 1, |_| turkish.clone());
    assert_eq!(order(&outside, &debtor(None), true), Err(NotPayable::Recipient(reference("pay_0"))));
    let mut payments = to_banks("sub_1", 1).payments().to_vec();
    payments[0].amount = Money::new(100_000_000_000, Currency::EUR);
    let huge = Submission::new(reference("sub_1"), Currency::EUR, payments).unwrap();
    assert!(matches!(order(&huge, &debtor(None), true), Err(NotPayable::Amount { .. })));
}

#[test]
fn a_banks_report_is_read_payment_by_payment() {
    let reason = "<p:StsRsnInf><p:Rsn><p:Cd>AC04</p:Cd></p:Rsn><p:AddtlInf>Closed &amp; gone</p:AddtlInf></p:StsRsnInf>";
    let ours = "<p:StsRsnInf><p:Rsn><p:Cd>AM04</p:Cd></p:Rsn></p:StsRsnInf>";
    let text = report(
        "<p:GrpSts>PART</p:GrpSts>",
        &[
            payment("pay-0", "ACSC", "<p:AcctSvcrRef>B7</p:AcctSvcrRef>"),
            payment("pay-1", "RJCT", reason),
            payment("pay-2", "RJCT", ours),
            payment("pay-3", "ACSP", ""),
            payment("invoice 7", "ACSC", ""),
        ]
        .concat(),
    );
    let read = read_pain002(&text).unwrap();
    let states: Vec<_> =
        read.reports.iter().map(|report| (report.payment.as_str(), report.state.clone())).collect();
    let failed = |code: &str, reason: &str, on_payee_side| PaymentState::Failed {
        code: code.to_owned(),
        reason: reason.to_owned(),
        on_payee_side,
    };
    assert_eq!(
        states,
        [
            ("pay_0", PaymentState::Paid { provider_reference: "B7".to_owned(), fee: None }),
            ("pay_1", failed("AC04", "Closed & gone", true)),
            ("pay_2", failed("AM04", "", false)),
            ("pay_3", PaymentState::Pending { code: "ACSP".to_owned() }),
        ]
    );
    assert_eq!((read.submission.clone(), read.whole.clone()), (Some(reference("sub_1")), None));
    assert_eq!((read.bad.len(), read.bad[0].end_to_end_id.as_str()), (1, "invoice 7"));
    assert_eq!(read.state_of(&reference("pay_9")), None);
}

#[test]
fn a_word_on_the_whole_order_counts_for_all_of_it() {
    let group = "<p:GrpSts>RJCT</p:GrpSts><p:StsRsnInf><p:Rsn><p:Cd>AM04</p:Cd></p:Rsn></p:StsRsnInf>";
    let read = read_pain002(&report(group, "")).unwrap();
    let rejected =
        PaymentState::Failed { code: "AM04".to_owned(), reason: String::new(), on_payee_side: false };
    assert_eq!(read.state_of(&reference("pay_0")), Some(&rejected));
    let accepted = read_pain002(&report("", "<p:PmtInfSts>ACCP</p:PmtInfSts>")).unwrap();
    assert_eq!(accepted.whole, Some(PaymentState::Pending { code: "ACCP".to_owned() }));
}

/// The second copy of a file is refused; the first was paid.
#[test]
fn what_is_refused_as_a_double_says_nothing() {
    let double = "<p:StsRsnInf><p:Rsn><p:Cd>AM05</p:Cd></p:Rsn></p:StsRsnInf>";
    let text = report(&format!("<p:GrpSts>RJCT</p:GrpSts>{double}"), &payment("pay-0", "RJCT", double));
    let read = read_pain002(&text).unwrap();
    assert_eq!((read.whole, read.reports.len(), read.bad.len()), (None, 0, 2));
}

#[test]
fn what_is_no_report_is_refused() {
    assert_eq!(read_pain002("<Document></Document>"), Err(NotAStatusReport::Other));
    for text in ["", "<a>\n<b></a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>", "<a>&x;</a>"] {
        let read = read_pain002(text);
        let refused = matches!(read, Err(NotAStatusReport::NotWellFormed { .. } | NotAStatusReport::Other));
        assert!(refused, "{text}: {read:?}");
    }
    assert_eq!(read_pain002("<a>\n<b></a>"), Err(NotAStatusReport::NotWellFormed { line: 2 }));
}

/// What would fill the memory, or keep a worker busy for hours, is refused, or read in passing.
#[test]
fn a_report_of_megabytes_is_read_in_passing() {
    let deep = "<a>".repeat(1_000_000);
    assert_eq!(read_pain002(&deep), Err(NotAStatusReport::Other));
    let long = format!("<{0}>{1}</{0}>", "n".repeat(1_000_000), "<b></b>".repeat(100_000));
    assert_eq!(read_pain002(&long), Err(NotAStatusReport::Other));
    let payments: Vec<String> =
        (0..20_000).map(|number| format!("\n{}", payment(&format!("pay-{number}"), "ACSC", ""))).collect();
    let read = read_pain002(&report("", &payments.concat())).unwrap();
    assert_eq!((read.reports.len(), read.bad.len()), (20_000, 0));
    let named = format!("<x{0}>y</x{0}>", "n".repeat(100));
    assert_eq!(read_pain002(&named), Err(NotAStatusReport::Other));
}
