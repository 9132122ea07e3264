//! The HTTP edge: all that stands between a socket and the schema. A request passes, in this order, its id and span
//! (`edge`), content negotiation, the form of its credential and CSRF, a deposit from its address, the body, the lexer,
//! the parser, the measure of its document, the authenticator, its budget, and only then runs.

mod absent;
mod admit;
mod app;
mod body;
mod client_addr;
mod config;
mod console;
mod credential;
mod csrf;
mod documents;
mod edge;
mod execute;
mod files;
mod fragments;
mod graphiql;
mod handler;
mod health;
mod hooks;
mod lexer;
pub mod limiter;
mod live;
mod measure;
mod metrics;
mod negotiate;
mod nul;
mod nulls;
mod params;
mod patient;
mod public_url;
mod reading;
mod refusal;
mod request_info;
mod respond;
mod router;
mod serve;
mod statement_keys;

pub use app::{App, AuthFailure, Authenticate, Authenticated, Held, NewRequestId};
pub use client_addr::{Cidr, NotACidr, address_key};
pub use config::HttpConfig;
pub use credential::{Credential, Token};
pub use csrf::CSRF_HEADER;
pub use health::{Probe, operations_router};
pub use limiter::Limiter;
pub use live::LiveConfig;
pub use metrics::{Figure, Metrics};
pub use public_url::{BadPublicUrl, PublicUrl};
pub use request_info::{Deadline, RequestInfo, SessionCookie};
pub use router::router;
pub use serve::{Sockets, serve, serve_api};
