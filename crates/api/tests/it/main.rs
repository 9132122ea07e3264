//! The API as its clients meet it.
#![cfg(test)]

mod action_items;
mod adjustments;
mod by_hand;
mod emails;
mod event_samples;
mod four_actors;
mod groups;
mod histories;
mod http;
mod identity_keys;
mod identity_log_in;
mod identity_passwords;
mod identity_profile;
mod identity_reach;
mod laws;
mod links;
mod live;
mod operations;
mod partners;
mod payouts;
mod rates;
mod reach;
mod referrals;
mod review_many;
mod reward_examples;
mod sales;
mod shop;
mod simulations;
mod statements;
mod stats;
mod stories;
mod team;
mod team_rights;
mod terms;
