//! Every email as it is read, and real SMTP sessions with servers that do and do not behave.
#![cfg(test)]

mod encrypted;
mod files;
mod payouts;
mod rendering;
mod sending;
mod slow;
mod support;
