use super::address::base58check;
use crate::DetailsProblem;

/// What an address of the main network begins with, before base58.
const MAIN_NETWORK: u8 = 0x41;

/// An address on the main network, which begins with `T`.
pub(super) fn address(text: &str) -> Result<String, DetailsProblem> {
    match base58check(text)?.as_slice() {
        [MAIN_NETWORK, account @ ..] if account.len() == 20 => Ok(text.to_owned()),
        _ => Err(DetailsProblem::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_check_themselves() {
        assert!(address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t").is_ok());
        assert_eq!(address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u"), Err(DetailsProblem::WrongChecksum));
        assert_eq!(address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), Err(DetailsProblem::Malformed));
    }
}
