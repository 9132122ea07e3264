//! Sales as they were recorded.

mod lines;

pub use lines::{Line, Lines, LinesError, lines};
