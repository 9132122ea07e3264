use sha3::{Digest, Keccak256};

use crate::DetailsProblem;

/// An address of Ethereum and the networks that follow it, with the upper and lower case of EIP-55. An address all in one
/// case carries no checksum and is taken as it is.
pub(super) fn address(text: &str) -> Result<String, DetailsProblem> {
    let hex = text.strip_prefix("0x").ok_or(DetailsProblem::Malformed)?;
    if hex.len() != 40 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(DetailsProblem::Malformed);
    }
    let checksummed = checksummed(&hex.to_ascii_lowercase());
    let has_lower = hex.bytes().any(|byte| byte.is_ascii_lowercase());
    let has_upper = hex.bytes().any(|byte| byte.is_ascii_uppercase());
    if has_lower && has_upper && hex != checksummed {
        return Err(DetailsProblem::WrongChecksum);
    }
    Ok(format!("0x{checksummed}"))
}

/// The digits, a letter in upper case where the hash of them has a digit of 8 or more.
fn checksummed(lower: &str) -> String {
    let hash = Keccak256::digest(lower.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    lower
        .chars()
        .zip(nibbles)
        .map(|(c, nibble)| if nibble >= 8 { c.to_ascii_uppercase() } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-55.
    const KNOWN: [&str; 4] = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_examples_of_the_specification_pass_in_any_one_case() {
        for known in KNOWN {
            assert_eq!(address(known).as_deref(), Ok(known));
            assert_eq!(address(&known.to_lowercase()).as_deref(), Ok(known));
            assert_eq!(address(&format!("0x{}", known[2..].to_uppercase())).as_deref(), Ok(known));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong_case = KNOWN[0].replace("5aA", "5AA");
        assert_eq!(address(&wrong_case), Err(DetailsProblem::WrongChecksum));
        for bad in [&KNOWN[0][2..], &KNOWN[0][..41], "0xgAeb6053F3E94C9b9A09f33669435E7Ef1BeAed1"] {
            assert_eq!(address(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
    }
}
