#![doc = include_str!("../README.md")]

pub mod cli;
pub mod commands;
mod config;
pub mod demo;
mod doctor;
mod edge;
pub mod failure;
mod log;
mod process;
mod signals;

pub use edge::Edge;
