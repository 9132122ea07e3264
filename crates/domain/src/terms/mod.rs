//! The terms of a program: numbered versions of reward rules, immutable once published. An event falls under the
//! version that [`in_force::choose_terms`] names; which words a rule may use is the closed [`vocabulary`].

pub mod in_force;
pub mod problem;
mod read;
pub mod rule;
#[cfg(test)]
pub(crate) mod samples;
mod sentence;
pub mod validate;
pub mod vocabulary;
