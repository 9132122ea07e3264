//! The clients against the fakes, over real sockets; files against what they must hold.
#![cfg(test)]

mod bank;
mod bank_files;
mod office;
mod paypal;
mod paypal_faults;
mod paypal_webhooks;
mod schemas;
mod tables;
mod wise;
