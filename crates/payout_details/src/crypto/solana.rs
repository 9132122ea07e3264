use crate::DetailsProblem;

/// A public key of 32 bytes in base58. It has no checksum.
pub(super) fn address(text: &str) -> Result<String, DetailsProblem> {
    match bs58::decode(text).into_vec() {
        Ok(bytes) if bytes.len() == 32 => Ok(text.to_owned()),
        _ => Err(DetailsProblem::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_32_bytes() {
        assert!(address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v").is_ok());
        for bad in
            ["EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt", "0OIl", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]
        {
            assert_eq!(address(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
    }
}
