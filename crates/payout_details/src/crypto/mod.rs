//! Addresses of cryptocurrencies. Money sent to a wrong one is lost, so whatever checks itself is checked.

mod address;
mod bitcoin;
mod ethereum;
mod network;
mod solana;
mod tron;

pub use address::CryptoAddress;
pub use network::CryptoNetwork;
