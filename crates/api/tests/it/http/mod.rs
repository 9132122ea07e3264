//! The HTTP edge over real sockets, before a small schema of its own.

mod client;
mod credentials;
mod documents;
mod execution;
mod media;
mod operations;
mod rates;
mod schema;
mod server;
mod sockets;
