//! What verbs add to the figures of a program and of its partners. A verb appends its deltas in its own transaction, so
//! that what is counted commits with what happened; `stats` folds and reads them.

mod added;
mod append;

pub use added::Added;
pub use append::Deltas;
