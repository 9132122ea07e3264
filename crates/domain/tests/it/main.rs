//! Verbs against PostgreSQL, and the laws of this crate.
#![cfg(test)]

mod action_items;
mod api_keys;
mod append_only;
mod compute;
mod customers;
mod emails;
mod feed;
mod histories;
mod invite_races;
mod invites;
mod laws;
mod ledger_model;
mod links;
mod members;
mod operations;
mod oracle;
mod partner_lists;
mod partner_races;
mod partners;
mod passwords;
mod prepared;
mod profiles;
mod programs;
mod release;
mod review;
mod shop;
mod sources;
mod stats;
mod support;
mod team;
mod terms;
mod transaction_races;
mod transactions;
mod users;
mod verify;
