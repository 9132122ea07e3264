#![doc = include_str!("../README.md")]

mod config;
mod error;
mod mailbox;
mod mailer;
mod mask;
mod message;
mod render;
mod smtp_url;
pub mod templates;
#[cfg(feature = "test_server")]
pub mod test_server;
mod transport;

pub use config::{MailerConfig, TransportConfig};
pub use error::{RenderError, SendError};
pub use mailbox::Mailbox;
pub use mailer::{Mailer, Sent};
pub use mask::mask_links;
pub use message::Message;
pub use render::{Rendered, Template};
pub use smtp_url::{Secret, SmtpConfig, Tls};
pub use transport::memory::{Outbox, SentMessage};
