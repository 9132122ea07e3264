use super::{RenderError, faces::Faces, sheet::Sheet, write::write};
use crate::{SelfBilledInvoice, paper::day};

const TITLE: &str = "Self-billing invoice";

impl SelfBilledInvoice {
    /// The invoice as a PDF of A4 pages.
    ///
    /// # Errors
    /// As [`SelfBilledInvoice::totals`], and when the file cannot be made.
    pub fn to_pdf(&self) -> Result<Vec<u8>, RenderError> {
        let totals = self.totals()?;
        let currency = self.currency;
        let mut sheet = Sheet::new(Faces::load()?);
        let facts = [
            ("Number", self.number.clone()),
            ("Issued", day(self.issued_on)),
            ("Supplied", self.period.words()),
            ("Currency", currency.to_string()),
        ];
        sheet.head(TITLE, self.legal_title.as_deref(), &facts);
        sheet.parties(("Supplier", &self.supplier), ("Customer, who made out this invoice", &self.customer));
        sheet.table(&format!("Amount ({currency})"), &self.lines);
        let taxes = self
            .taxes
            .iter()
            .map(|tax| (format!("{} on {}", tax.what, tax.base.grouped()), tax.amount.grouped()));
        let sums: Vec<_> = std::iter::once(("Net".to_owned(), totals.net.grouped()))
            .chain(taxes)
            .chain([("Total".to_owned(), format!("{} {currency}", totals.total.grouped()))])
            .collect();
        sheet.sums(&sums);
        sheet.notes(&self.notes);
        let title = format!("{TITLE} {}", self.number);
        let pages = sheet.finish(&format!("{title} \u{b7} {}", self.supplier.name));
        write(&title, self.issued_on, &pages)
    }
}
