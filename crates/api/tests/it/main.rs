//! The API as its clients meet it.
#![cfg(test)]

mod http;
