use super::{CryptoNetwork, bitcoin, ethereum, solana, tron};
use crate::{DetailsProblem, check::line, checked_text::checked_text};

checked_text! {
    /// An address on a network.
    CryptoAddress
}

impl CryptoAddress {
    /// The address in the form that the network prefers.
    ///
    /// # Errors
    /// When it has not the form of the network's addresses, or its checksum is wrong.
    pub fn parse(network: CryptoNetwork, text: &str) -> Result<Self, DetailsProblem> {
        let text = line(text, 100)?;
        let address = match network {
            CryptoNetwork::Bitcoin => bitcoin::address(&text),
            CryptoNetwork::Ethereum
            | CryptoNetwork::Arbitrum
            | CryptoNetwork::Base
            | CryptoNetwork::BnbSmartChain
            | CryptoNetwork::Optimism
            | CryptoNetwork::Polygon => ethereum::address(&text),
            CryptoNetwork::Solana => solana::address(&text),
            CryptoNetwork::Tron => tron::address(&text),
        };
        address.map(Self)
    }
}

/// The bytes that base58 with a checksum holds: the last four are the start of the double SHA-256 of the others.
pub(super) fn base58check(text: &str) -> Result<Vec<u8>, DetailsProblem> {
    use sha2::{Digest, Sha256};

    let mut bytes = bs58::decode(text).into_vec().map_err(|_| DetailsProblem::Malformed)?;
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(DetailsProblem::Malformed)?;
    if Sha256::digest(Sha256::digest(body)).starts_with(sum) {
        bytes.truncate(bytes.len() - sum.len());
        Ok(bytes)
    } else {
        Err(DetailsProblem::WrongChecksum)
    }
}
