//! Sales as they were recorded.

pub mod lines;
