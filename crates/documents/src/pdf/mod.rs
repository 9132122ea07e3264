//! Papers as PDF: A4, PDF/A-2b, the same bytes for the same paper.
//!
//! `statement` and `invoice` say what stands where, in the `blocks` that they share; `sheet` counts pages and places marks;
//! `shape` turns text into glyphs of the `faces`; `write` makes the file.

mod blocks;
mod faces;
mod invoice;
mod lines;
mod shape;
mod sheet;
mod statement;
mod style;
mod write;

use krilla::error::KrillaError;
use money::MoneyError;

/// Why a paper could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The amounts do not make sums.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// An embedded font cannot be read.
    #[error("the embedded font {name} cannot be read")]
    Font {
        /// The name of the file.
        name: &'static str,
    },
    /// The PDF cannot be archived (PDF/A).
    #[error("the library does not make PDF/A-2b")]
    NoArchive,
    /// The PDF cannot be written.
    #[error(transparent)]
    Pdf(#[from] KrillaError),
    /// The table cannot be written.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}
