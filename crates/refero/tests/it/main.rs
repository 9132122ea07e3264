//! The product as a whole: its walk-through, its processes, and the laws of the workspace.
#![cfg(test)]

mod demo;
mod doctor;
mod faults;
mod laws;
mod process;
mod rates;

mod serving;
mod spine;
mod up;
mod walks;
