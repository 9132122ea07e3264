//! Payouts from a batch to a provider and back, on real rows, with providers that fail as real ones do.

mod blamed;
mod faults;
mod files;
mod paid;
mod restored;
mod returns;
mod sealed;
mod till;
mod wise;
