//! Importing exchange rates from outside.

mod fetch;
mod import_rates;

pub use import_rates::ImportRatesHandler;
