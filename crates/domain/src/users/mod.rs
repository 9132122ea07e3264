//! Users: people with a log-in, and their sessions. They belong to no account; a [`Member`](crate::team::Member) row
//! ties them to one.
//!
//! Registration makes a user (unverified), an account and its owner in one transaction, and sends a link. A session
//! exists only after the link was followed. Nothing here tells whether an address is known: every refusal that depends
//! on it looks and takes as long as the one that does not. Secrets are stored hashed and shown once; the link's token is
//! not stored at all but derived again when the email is rendered.
//!
//! Verbs that hash a password take the [`Db`](crate::db::Db) instead of a connection: hashing takes long, and a
//! connection is not held meanwhile. No account's event can tell of users, so these verbs intend their emails
//! themselves.

mod admit;
mod create_account;
mod email_change;
mod first_owner;
mod founding;
mod log_in;
mod model;
mod operator;
pub mod password;
mod passwords;
mod policy;
mod profile;
mod register;
mod secrets;
mod session;
pub(crate) mod token;
mod verification;
mod verify;
mod with_password;

pub(crate) use admit::{Admission, checked_person};
pub use create_account::{CreateAccountError, MOST_ACCOUNTS};
pub use first_owner::FirstOwner;
pub use log_in::{Attempt, LogInError};
pub(crate) use model::folded;
pub use model::{User, UserStatus};
pub use passwords::{Overloaded, Passwords, PasswordsConfig};
pub use policy::PasswordProblem;
pub use profile::{ProfileChanges, ProfileError};
pub use register::{RegisterError, Registration};
pub use secrets::{BadSecretKey, Secrets};
pub(crate) use session::IDLE as SESSION_IDLE;
pub use session::{OpenedSession, SESSION_SECS, Session};
pub use token::SecretToken;
pub use verify::VerifyError;
