use proptest::prelude::*;

use crate::samples::{invoice, kept, statement};

fn count(pdf: &[u8], what: &[u8]) -> usize {
    pdf.windows(what.len()).filter(|window| *window == what).count()
}

#[test]
fn a_statement_is_one_page_or_many_and_the_same_bytes_each_time() {
    for (lines, pages) in [(0, 1), (60, 4)] {
        let pdf = statement(lines).to_pdf().unwrap();
        assert_eq!(pdf, statement(lines).to_pdf().unwrap());
        kept(&format!("statement-{lines}.pdf"), &pdf);
        assert_eq!(count(&pdf, b"/MediaBox"), pages);
        assert!(pdf.starts_with(b"%PDF-1.7") && count(&pdf, b"<pdfaid:part>2</pdfaid:part>") == 1);
        assert!(pdf.len() < 150_000, "{}: fonts are cut to what is shown", pdf.len());
    }
}

#[test]
fn an_invoice_is_a_page() {
    let pdf = invoice().to_pdf().unwrap();
    kept("invoice.pdf", &pdf);
    assert_eq!(count(&pdf, b"/MediaBox"), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_text_makes_a_pdf(name in any::<String>(), what in any::<String>(), note in any::<String>()) {
        let mut any = statement(0);
        (any.payee.name, any.number) = (name.clone(), name);
        any.lines[0].what = what.clone();
        any.lines[1].detail = Some(what);
        any.notes.push(note);
        let pdf = any.to_pdf();
        prop_assert!(pdf.is_ok(), "{pdf:?}");
    }
}
