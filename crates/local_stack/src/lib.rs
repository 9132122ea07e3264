#![doc = include_str!("../README.md")]

mod account;
mod apt;
mod child;
mod config;
mod folder;
mod install;
mod ports;
mod postgres;
mod programs;
mod redis;
mod settings;
mod stack;

pub use config::StackConfig;
pub use install::{Package, install};
pub use programs::{pgbench, psql};
pub use stack::LocalStack;
