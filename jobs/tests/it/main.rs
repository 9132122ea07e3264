//! The runtime against PostgreSQL and Redis: a database and a key prefix per test, a Redis of its own where Redis suffers.
#![cfg(test)]

mod calls;
mod child;
mod crashes;
mod drains;
mod emails;
mod faults;
mod folds;
mod inline;
mod kinds;
mod lane;
mod own_redis;
mod payouts;
mod station;
mod wake;
