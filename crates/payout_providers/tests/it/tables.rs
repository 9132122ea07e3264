//! Files of rows: what they hold, and what is read when somebody has filled one in.

use money::{Currency, Money};
use payout_providers::{
    Handle, LegalForm, PaymentState, Recipient, Wallet,
    files::{DoesNotFit, NotResults, Problem, generic_csv, paypal_csv, read_results, wise_csv},
};

use crate::office::{of, reference, to_banks, to_paypal};

fn recipients() -> [Recipient; 4] {
    [
        Recipient::PayPal { handle: Handle::Phone("+14085551234".to_owned()), wallet: Wallet::Venmo },
        Recipient::Bank {
            name: "=HYPERLINK(\"http://evil\")".to_owned(),
            form: LegalForm::Business,
            iban: "DE89370400440532013000".parse().unwrap(),
            bic: Some("COBADEFFXXX".parse().unwrap()),
        },
        Recipient::Email {
            name: "Ann, Lee".to_owned(),
            form: LegalForm::Person,
            email: "ann@example.com".into(),
        },
        Recipient::ByHand { name: "Bo".to_owned(), details: "-1 \"coin\"\nchain".to_owned() },
    ]
}

#[test]
fn the_generic_file_takes_everybody_and_holds_no_formula() {
    let submission = of("sub_1", Currency::USD, 4, |place| recipients()[place].clone());
    insta::assert_snapshot!(generic_csv(&submission).replace("\r\n", "\n"), @r#"
    reference,method,recipient,details,amount,currency,fees_paid_by,note,status,provider_reference,fee,reason
    pay_0,venmo,,phone +14085551234,10.00,USD,sender,Payout 0,,,,
    pay_1,bank,"'=HYPERLINK(""http://evil"")",IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX,10.01,USD,sender,Payout 1,,,,
    pay_2,email,"Ann, Lee",ann@example.com,10.02,USD,sender,Payout 2,,,,
    pay_3,by_hand,Bo,"'-1 ""coin"" chain",10.03,USD,sender,Payout 3,,,,
    "#);
}

#[test]
fn paypals_file_names_recipients_as_paypal_does() {
    let submission = of("sub_1", Currency::HUF, 1, |_| recipients()[0].clone());
    assert_eq!(paypal_csv(&submission).unwrap(), "+14085551234,10,HUF,pay_0,Payout 0,VENMO\r\n");
    let three = to_paypal("sub_1", 2);
    assert_eq!(
        paypal_csv(&three).unwrap(),
        "partner0@example.com,10.00,USD,pay_0,Payout 0,PAYPAL\r\npartner1@example.com,10.01,USD,pay_1,Payout 1,PAYPAL\r\n"
    );
    let fraction = of("sub_1", Currency::HUF, 2, |_| recipients()[0].clone());
    assert_eq!(paypal_csv(&fraction), Err(DoesNotFit::Fraction(reference("pay_1"))));
    assert_eq!(paypal_csv(&to_banks("sub_1", 1)), Err(DoesNotFit::Recipient(reference("pay_0"))));
    for handle in ["=1+1@example.com", "+1|cmd", "@SUM(1)", "-1", "a\tb"] {
        let account = Recipient::PayPal { handle: Handle::Account(handle.into()), wallet: Wallet::PayPal };
        let formula = of("sub_1", Currency::USD, 1, |_| account.clone());
        assert_eq!(paypal_csv(&formula), Err(DoesNotFit::Recipient(reference("pay_0"))), "{handle}");
    }
    assert_eq!(paypal_csv(&to_paypal("sub_1", 5001)), Err(DoesNotFit::TooMany { most: 5000 }));
}

#[test]
fn wises_file_fixes_what_the_recipient_gets() {
    let submission = of("sub_1", Currency::EUR, 2, |place| recipients()[place + 1].clone());
    insta::assert_snapshot!(wise_csv(&submission).unwrap().replace("\r\n", "\n"), @r#"
    name,recipientEmail,paymentReference,receiverType,amountCurrency,amount,sourceCurrency,targetCurrency,IBAN,type
    "'=HYPERLINK(""http://evil"")",,pay_0,INSTITUTION,target,10.00,EUR,EUR,DE89370400440532013000,IBAN
    "Ann, Lee",ann@example.com,pay_1,PERSON,target,10.01,EUR,EUR,,EMAIL
    "#);
    assert_eq!(wise_csv(&to_paypal("sub_1", 1)), Err(DoesNotFit::Recipient(reference("pay_0"))));
    assert_eq!(wise_csv(&to_banks("sub_1", 1001)), Err(DoesNotFit::TooMany { most: 1000 }));
}

#[test]
fn a_file_that_was_filled_in_is_read() {
    let filled = "reference;amount;Status;provider_reference;fee;reason\r\n\
        pay_0;10,00;paid;T 1;0.25;\r\n\
        pay_1;10,01;FAILED;;;\"no; such account\"\r\n\
        pay_2;;refused;;;limit\r\n\
        pay_3;;returned;T 4;;unclaimed\r\n\
        \r\n\
        pay_4;;;;;\r\n\
        pay_5;;pending\r\n";
    let file = [b"\xef\xbb\xbf", filled.as_bytes()].concat();
    let results = read_results(&file, Currency::EUR).unwrap();
    let states: Vec<_> =
        results.reports.iter().map(|report| (report.payment.as_str(), report.state.clone())).collect();
    let fee = Some(Money::new(25, Currency::EUR));
    let failed = |code: &str, reason: &str, on_payee_side| PaymentState::Failed {
        code: code.to_owned(),
        reason: reason.to_owned(),
        on_payee_side,
    };
    let returned = PaymentState::Returned {
        code: "returned".to_owned(),
        reason: "unclaimed".to_owned(),
        provider_reference: Some("T 4".to_owned()),
    };
    assert_eq!(
        states,
        [
            ("pay_0", PaymentState::Paid { provider_reference: "T 1".to_owned(), fee }),
            ("pay_1", failed("failed", "no; such account", true)),
            ("pay_2", failed("refused", "limit", false)),
            ("pay_3", returned),
            ("pay_5", PaymentState::Pending { code: "pending".to_owned() }),
        ]
    );
    assert_eq!((results.blank, results.bad), (vec![reference("pay_4")], vec![]));
}

#[test]
fn a_bad_row_is_told_with_its_line_and_takes_no_other_with_it() {
    let file = "status,reference,fee\n\
        paid,pay_0,\n\
        sent,pay_1,\n\
        paid,pay 2,\n\
        paid,pay_0,\n\
        paid,pay_3,1.234\n\
        paid,pay_4,-1\n\
        paid,\"pay_5,\n\
        paid,pay_6,0.10\n";
    let results = read_results(file.as_bytes(), Currency::EUR).unwrap();
    let read: Vec<_> = results.reports.iter().map(|report| report.payment.as_str()).collect();
    assert_eq!(read, ["pay_0", "pay_6"]);
    let bad: Vec<_> = results.bad.into_iter().map(|bad| (bad.line, bad.problem)).collect();
    assert_eq!(
        bad,
        [
            (3, Problem::Status("sent".to_owned())),
            (4, Problem::Reference("pay 2".to_owned())),
            (5, Problem::Twice { payment: reference("pay_0"), first_line: 2 }),
            (6, Problem::Fee("1.234".to_owned())),
            (7, Problem::Fee("-1".to_owned())),
            (8, Problem::Unreadable),
        ]
    );
}

#[test]
fn a_row_that_is_not_text_is_bad_and_a_file_without_its_columns_is_none() {
    let file = b"reference,status\npay_0,pa\xffid\npay_1,paid\n";
    let results = read_results(file, Currency::EUR).unwrap();
    assert_eq!((results.reports.len(), results.bad[0].line), (1, 2));
    assert_eq!(results.bad[0].problem, Problem::Unreadable);
    for (file, why) in [
        ("", NotResults::NoColumn("reference")),
        ("reference,amount\n", NotResults::NoColumn("status")),
        ("reference,status,status\n", NotResults::TwoColumns("status")),
    ] {
        assert_eq!(read_results(file.as_bytes(), Currency::EUR), Err(why), "{file}");
    }
}

#[test]
fn what_was_written_and_not_filled_in_is_blank() {
    let submission = of("sub_1", Currency::USD, 4, |place| recipients()[place].clone());
    let results = read_results(generic_csv(&submission).as_bytes(), Currency::USD).unwrap();
    let expected: Vec<_> = submission.payments().iter().map(|payment| payment.reference.clone()).collect();
    assert_eq!((results.blank, results.reports, results.bad), (expected, vec![], vec![]));
}

/// Lists of providers' websites call things otherwise; what does not say where the money is settles nothing.
#[test]
fn lists_of_providers_are_read_by_their_words() {
    let file = "Transaction ID,Customer ID,Transaction Status,Amount,Currency\n\
        8AB,pay_0,Completed,10.00,EUR\n9CD,pay_1,Unclaimed,10.00,EUR\n,pay_2,Refunded,10.00,EUR\n,pay_3,Cancelled,10.00,EUR\n";
    let results = read_results(file.as_bytes(), Currency::EUR).unwrap();
    let found: Vec<_> =
        results.reports.iter().map(|report| (report.payment.as_str(), report.state.clone())).collect();
    let (code, reason) = ("refunded".to_owned(), String::new());
    assert_eq!(
        found,
        [
            ("pay_0", PaymentState::Paid { provider_reference: "8AB".to_owned(), fee: None }),
            ("pay_1", PaymentState::Pending { code: "unclaimed".to_owned() }),
            ("pay_2", PaymentState::Returned { code, reason, provider_reference: None }),
        ]
    );
    assert!(matches!(&results.bad[..], [bad] if bad.line == 5), "{:?}", results.bad);
    let wise = "paymentReference\tStatus\tTransferWise ID\treference\npay_9\tpaid\t77\tpay_0\n";
    let results = read_results(wise.as_bytes(), Currency::EUR).unwrap();
    assert_eq!(results.reports[0].payment.as_str(), "pay_0", "our own name counts first");
}

#[test]
fn of_lines_that_contradict_each_other_none_counts() {
    let file = b"reference,status\npay_0,failed\npay_1,paid\npay_0,paid\npay_1,paid\npay_2,\npay_2,paid\n\
        pay_3,completed\npay_3,reversed\npay_4,held\npay_4,completed\n";
    let results = read_results(file, Currency::EUR).unwrap();
    let said: Vec<_> = results.reports.iter().map(|report| report.payment.as_str()).collect();
    assert_eq!((said, results.blank.len(), results.bad.len()), (vec!["pay_1"], 0, 8));
    assert_eq!(results.doubted, ["pay_0", "pay_2", "pay_3", "pay_4"].map(reference).into());
    let told: Vec<_> = results.bad.into_iter().skip(3).map(|bad| bad.problem).collect();
    let twice = Problem::Twice { payment: reference("pay_4"), first_line: 10 };
    let doubted = ["pay_0", "pay_3"].map(|payment| Problem::Doubted(reference(payment)));
    let words = ["reversed", "held"].map(|word| Problem::Status(word.to_owned()));
    assert_eq!(told, [words.as_slice(), &[twice], &doubted].concat());
}

#[test]
fn of_lines_of_two_amounts_none_counts_nor_beside_a_broken_line() {
    for lines in [
        "pay_0,10.00,paid,\npay_0,99.00,paid,\n",
        "pay_0,99.00,paid,\npay_0,10.00,paid,\n",
        "pay_0,,paid,\npay_0,10.00,paid,\npay_0,99.00,paid,\n",
        "pay_0,10.00,returned,\"account\nclosed\"\npay_0,,paid,\n",
        "pay_0,,paid,\n\"pay_0\",10.00,returned,\"account\nclosed\"\n",
    ] {
        let results =
            read_results(format!("reference,amount,status,reason\n{lines}").as_bytes(), Currency::EUR);
        let results = results.unwrap();
        assert_eq!((results.reports, results.doubted), (vec![], [reference("pay_0")].into()), "{lines}");
    }
    for silent in ["pay_0,10.00,paid\npay_0,,paid", "pay_0,,paid\npay_0,10.00,paid"] {
        let results =
            read_results(format!("reference,amount,status\n{silent}").as_bytes(), Currency::EUR).unwrap();
        let amounts = [(reference("pay_0"), Money::new(1_000, Currency::EUR))].into();
        assert_eq!((results.reports.len(), results.amounts), (1, amounts), "{silent}");
    }
    let behind =
        b"name,reference,status,reason\n\"Doe, Ann\",pay_0,returned,\"account\nclosed\"\nAnn,pay_0,paid,\n";
    assert_eq!(read_results(behind, Currency::EUR).unwrap().reports, vec![]);
    let twins = b"ID,ID,reference,status\n1,2,pay_0,paid\n";
    let paid = PaymentState::Paid { provider_reference: String::new(), fee: None };
    assert_eq!(read_results(twins, Currency::EUR).unwrap().reports[0].state, paid);
}

#[test]
fn an_amount_that_cannot_be_read_settles_nothing() {
    let file = "reference,amount,status\npay_0,\"1,000.50\",paid\npay_1,\"1,000\",paid\npay_2,10.00 EUR,paid\npay_3,,paid\n";
    let results = read_results(file.as_bytes(), Currency::EUR).unwrap();
    let said: Vec<_> = results.reports.iter().map(|report| report.payment.as_str()).collect();
    assert_eq!(said, ["pay_0", "pay_3"]);
    assert_eq!(results.amounts, [(reference("pay_0"), Money::new(100_050, Currency::EUR))].into());
    let told: Vec<_> = results.bad.into_iter().map(|bad| bad.problem).collect();
    assert_eq!(told, [Problem::Amount("1,000".to_owned()), Problem::Amount("10.00 EUR".to_owned())]);
}

#[test]
fn lines_that_end_otherwise_are_told_and_not_lost() {
    let file = b"reference;status;fee\r\npay_0;paid;0,25\r\npay_1;paid\rpay_2;paid\r\n";
    let results = read_results(file, Currency::EUR).unwrap();
    let fee = Some(Money::new(25, Currency::EUR));
    let paid = PaymentState::Paid { provider_reference: String::new(), fee };
    assert_eq!(results.reports.len(), 1);
    assert_eq!(results.reports[0].state, paid);
    assert_eq!(results.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3]);
    assert_eq!(
        read_results(b"reference,status\rpay_0,paid\r", Currency::EUR),
        Err(NotResults::NoColumn("reference"))
    );
}

#[test]
fn a_file_of_nonsense_is_read_in_passing() {
    let nonsense = ["reference,status\n", &"x\n".repeat(200_000)].concat();
    assert_eq!(read_results(nonsense.as_bytes(), Currency::EUR).unwrap().bad.len(), 1_000);
    let longer = read_results([nonsense.as_str(), "x\n"].concat().as_bytes(), Currency::EUR);
    assert_eq!(longer, Err(NotResults::TooLong { most: 200_000 }));
}
