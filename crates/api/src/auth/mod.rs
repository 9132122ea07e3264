//! From a credential to a [`Viewer`].

mod viewer;

pub use viewer::{Reach, Viewer};
