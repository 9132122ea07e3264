//! Emails from intent to mail server, on real rows.

mod dropping;
pub mod office;
mod previews;
mod rendering;
mod sending;
mod statements;
