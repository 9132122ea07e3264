//! Papers as comma-separated values (RFC 4180), a row for each line and each sum.

use chrono::NaiveDate;

use crate::{Amount, Line, RenderError, SelfBilledInvoice, Statement};

const HEADER: [&str; 7] = ["document", "entry", "date", "what", "detail", "amount", "currency"];

impl Statement {
    /// The columns `document, entry, date, what, detail, amount, currency`; an entry is `OPENING`, `LINE`, `IN`, `OUT` or
    /// `CLOSING`. Text that a spreadsheet would compute begins with an apostrophe.
    ///
    /// # Errors
    /// As [`Statement::totals`].
    pub fn to_csv(&self) -> Result<Vec<u8>, RenderError> {
        let totals = self.totals()?;
        let mut table = Table::begin(&self.number)?;
        table.row("OPENING", Some(self.period.from), ["Opening balance", ""], self.opening)?;
        table.lines(&self.lines)?;
        table.row("IN", None, ["Total in", ""], totals.total_in)?;
        table.row("OUT", None, ["Total out", ""], totals.total_out)?;
        table.row("CLOSING", Some(self.period.to), ["Closing balance", ""], totals.closing)?;
        table.finish()
    }
}

impl SelfBilledInvoice {
    /// The columns `document, entry, date, what, detail, amount, currency`; an entry is `LINE`, `NET`, `TAX` (its detail is
    /// the base) or `TOTAL`. Text that a spreadsheet would compute begins with an apostrophe.
    ///
    /// # Errors
    /// As [`SelfBilledInvoice::totals`].
    pub fn to_csv(&self) -> Result<Vec<u8>, RenderError> {
        let totals = self.totals()?;
        let mut table = Table::begin(&self.number)?;
        table.lines(&self.lines)?;
        table.row("NET", None, ["Net", ""], totals.net)?;
        for tax in &self.taxes {
            table.row("TAX", None, [&tax.what, &tax.base.plain()], tax.amount)?;
        }
        table.row("TOTAL", Some(self.issued_on), ["Total", ""], totals.total)?;
        table.finish()
    }
}

struct Table<'a> {
    document: &'a str,
    rows: csv::Writer<Vec<u8>>,
}

impl<'a> Table<'a> {
    fn begin(document: &'a str) -> Result<Self, RenderError> {
        let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        rows.write_record(HEADER)?;
        Ok(Self { document, rows })
    }

    fn lines(&mut self, lines: &[Line]) -> Result<(), RenderError> {
        lines.iter().try_for_each(|line| {
            let detail = line.detail.as_deref().unwrap_or_default();
            self.row("LINE", Some(line.on), [&line.what, detail], line.amount)
        })
    }

    fn row(
        &mut self,
        entry: &str,
        on: Option<NaiveDate>,
        [what, detail]: [&str; 2],
        amount: Amount,
    ) -> Result<(), RenderError> {
        let date = on.map(|on| on.to_string()).unwrap_or_default();
        let (document, what, detail) = (inert(self.document), inert(what), inert(detail));
        let currency = amount.0.currency().to_string();
        self.rows.write_record([&document, entry, &date, &what, &detail, &amount.plain(), &currency])?;
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, RenderError> {
        self.rows.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }
}

/// The text, with an apostrophe before what a spreadsheet would take for a formula.
fn inert(text: &str) -> String {
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{apostrophe}{text}")
}
