//! The ledger against PostgreSQL: one database per test, `now` fixed.
#![cfg(test)]

mod claim;
mod enqueue;
mod fail;
mod find;
mod history;
mod operate;
mod plans;
mod schedule;
mod support;
mod sweep;
