use crate::act::Act;

/// Crockford's base32 in lower case: no letter that is taken for another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A random public key of `N` characters, 5 bits each. It is no secret.
pub(crate) fn random_key<const N: usize>(act: &Act) -> String {
    act.ids.secret::<N>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ids::IdSource;

    use super::*;
    use crate::text;

    #[test]
    fn keys_are_slugs_and_differ() {
        let act = Act::of_system(DateTime::UNIX_EPOCH, IdSource::seeded(1));
        let (one, two) = (random_key::<8>(&act), random_key::<8>(&act));
        assert_eq!(text::slug(&one, 8), Ok(one.clone()));
        assert_eq!(one.len(), 8);
        assert_ne!(one, two);
    }
}
