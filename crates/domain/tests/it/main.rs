//! Verbs against PostgreSQL, and the laws of this crate.
#![cfg(test)]

mod api_keys;
mod emails;
mod laws;
mod links;
mod partner_lists;
mod partner_races;
mod partners;
mod sources;
mod support;
mod team;
mod users;
