//! Crockford's base32 as TypeID uses it: 26 lower-case characters for 128 bits, the first at most `7`.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

pub(crate) const LENGTH: usize = 26;

pub(crate) fn encode(value: u128) -> String {
    (0..LENGTH).rev().map(|place| char::from(ALPHABET[((value >> (5 * place)) & 31) as usize])).collect()
}

pub(crate) fn decode(text: &str) -> Option<u128> {
    if text.len() != LENGTH || text.as_bytes().first().is_none_or(|first| *first > b'7') {
        return None;
    }
    text.bytes().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        Some((value << 5) | digit as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_typeid_specification() {
        for (text, value) in [
            ("00000000000000000000000000", 0),
            ("0000000000000000000000000g", 16),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", u128::MAX),
            ("01h455vb4pex5vsknk084sn02q", 0x0189_0a5d_ac96_774b_bcce_b302_099a_8057),
        ] {
            assert_eq!(encode(value), text);
            assert_eq!(decode(text), Some(value));
        }
    }

    #[test]
    fn what_overflows_or_is_no_digit_is_refused() {
        for text in
            ["8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000", "0000000000000000000000000u", "é"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
