//! `graphql-transport-ws` at `/graphql/ws`, by a loop of our own: async-graphql's closes with other codes and takes an id
//! twice without a word.

mod close;
mod greeting;
mod operation;
mod outbox;
mod protocol;
mod session;
mod upgrade;

pub(crate) use upgrade::upgrade;
