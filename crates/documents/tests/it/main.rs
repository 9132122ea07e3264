//! Papers as a reader gets them: PDF, CSV, and JSON that openssl verifies.
#![cfg(test)]

mod pdf;
mod samples;
mod signed;
mod sums;
mod table;
