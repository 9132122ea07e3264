use super::address::base58check;
use crate::DetailsProblem;

/// What an address for a key's hash begins with, before base58.
const PAY_TO_KEY_HASH: u8 = 0x00;
/// What an address for a script's hash begins with, before base58.
const PAY_TO_SCRIPT_HASH: u8 = 0x05;

/// An address on the main network: base58check, or bech32 (BIP 173) and bech32m (BIP 350), these in lower case.
pub(super) fn address(text: &str) -> Result<String, DetailsProblem> {
    if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("bc1")) {
        let (network, ..) = bech32::segwit::decode(text).map_err(|_| DetailsProblem::WrongChecksum)?;
        return if network == bech32::hrp::BC {
            Ok(text.to_lowercase())
        } else {
            Err(DetailsProblem::Malformed)
        };
    }
    match base58check(text)?.as_slice() {
        [PAY_TO_KEY_HASH | PAY_TO_SCRIPT_HASH, hash @ ..] if hash.len() == 20 => Ok(text.to_owned()),
        _ => Err(DetailsProblem::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_specifications_pass() {
        for good in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            let normal = if good.starts_with("BC") { good.to_lowercase() } else { good.to_owned() };
            assert_eq!(address(good), Ok(normal), "{good}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (bad, problem) in [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", DetailsProblem::WrongChecksum),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", DetailsProblem::WrongChecksum),
            // Of a test network.
            ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", DetailsProblem::Malformed),
            ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", DetailsProblem::Malformed),
            ("0x52908400098527886E0F7030069857D2E4169EE7", DetailsProblem::Malformed),
        ] {
            assert_eq!(address(bad), Err(problem), "{bad}");
        }
    }
}
