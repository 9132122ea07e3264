use super::{RenderError, faces::Faces, sheet::Sheet, write::write};
use crate::{Line, Statement, paper::day};

const TITLE: &str = "Payout statement";

impl Statement {
    /// The statement as a PDF of A4 pages.
    ///
    /// # Errors
    /// As [`Statement::totals`], and when the file cannot be made.
    pub fn to_pdf(&self) -> Result<Vec<u8>, RenderError> {
        let totals = self.totals()?;
        let currency = self.opening.0.currency();
        let mut sheet = Sheet::new(Faces::load()?);
        let facts = [
            ("Number", self.number.clone()),
            ("Issued", day(self.issued_on)),
            ("Period", self.period.words()),
            ("Currency", currency.to_string()),
        ];
        sheet.head(TITLE, None, &facts);
        sheet.parties(("From", &self.issuer), ("To", &self.payee));
        sheet.band(&[
            ("Opening balance", self.opening),
            ("Total in", totals.total_in),
            ("Total out", totals.total_out),
            ("Closing balance", totals.closing),
        ]);
        let opening = Line {
            on: self.period.from,
            what: "Opening balance".to_owned(),
            detail: None,
            amount: self.opening,
        };
        sheet.table(&format!("Amount ({currency})"), std::iter::once(&opening).chain(&self.lines));
        sheet.sums(&[("Closing balance".to_owned(), format!("{} {currency}", totals.closing.grouped()))]);
        sheet.notes(&self.notes);
        let title = format!("{TITLE} {}", self.number);
        let pages = sheet.finish(&format!("{title} \u{b7} {}", self.issuer.name));
        write(&title, self.issued_on, &pages)
    }
}
