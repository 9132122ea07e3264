//! The product as a whole: its walk-through, its processes, and the laws of the workspace.
#![cfg(test)]

mod laws;
mod process;
mod spine;
