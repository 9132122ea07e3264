//! API keys: how machines of an account log in. A key carries permissions and is limited to programs, none named meaning
//! all; nobody grants what they lack. Its secret is shown once, on creation, and stored hashed.

mod authenticate;
mod create;
mod find;
mod model;
mod revoke;

pub use create::{CreateError, CreatedApiKey, NewApiKey};
pub use model::ApiKey;
pub use revoke::RevokeError;
