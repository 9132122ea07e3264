//! Files for those who pay by hand or through a bank, and readers of what comes back.

mod bank_text;
mod decimal;
mod generic_csv;
mod guard;
mod pain001;
mod pain002;
mod paypal_csv;
mod result_words;
mod results;
mod wise_csv;

pub(crate) use bank_text::bank_text;
pub use generic_csv::generic_csv;
pub use pain001::{Debtor, NotPayable, TransferOrder, pain001, sepa_can_carry, sepa_reaches};
pub use pain002::{BadStatus, NotAStatusReport, StatusReport, read_pain002};
pub use paypal_csv::{paypal_csv, paypal_csv_can_name};
pub use results::{BadRow, NotResults, Problem, Results, read_results};
pub use wise_csv::{wise_csv, wise_csv_can_name};

use crate::Reference;

/// As much of what is wrong with a file as anybody reads: a file of nonsense must not fill the memory.
const MOST_BAD: usize = 1_000;

/// Why a submission does not fit a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotFit {
    /// The file knows no such recipient.
    #[error("payment {0}: the file cannot name this recipient")]
    Recipient(Reference),
    /// The provider pays no fraction of this currency's major unit.
    #[error("payment {0}: the provider pays whole units of this currency only")]
    Fraction(Reference),
    /// The provider takes fewer payments in a file.
    #[error("at most {most} payments fit")]
    TooMany {
        /// How many fit.
        most: usize,
    },
}

/// A CSV file of rows, with the line ends of RFC 4180.
fn table<const COLUMNS: usize>(rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory fails only on rows of unequal length, and these are arrays of one length.
        let _ = writer.write_record(&row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
