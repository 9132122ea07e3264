/// A text in the characters that every bank of the European Payments Council must take (EPC217-08): the Latin
/// alphabet, digits and `/ - ? : ( ) . , ' +` and the blank. Other letters become their nearest ones, other signs a
/// dot; a text does not begin or end with a slash, has no two of them, and is cut to `most` characters.
///
/// A text of which nothing is left becomes a dot: the fields are required, and must not be blank.
pub(crate) fn bank_text(text: &str, most: usize) -> String {
    let plain: String = deunicode::deunicode_with_tofu(text, ".").chars().map(admitted).collect();
    let mut words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    while words.contains("//") {
        words = words.replace("//", "/");
    }
    let cut: String = words.trim_start_matches(['/', ' ']).chars().take(most).collect();
    match cut.trim_end_matches(['/', ' ']) {
        "" => ".".to_owned(),
        left => left.to_owned(),
    }
}

fn admitted(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => c,
        '/' | '-' | '?' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' => c,
        '_' => '-',
        '&' => '+',
        _ if c.is_whitespace() || c.is_control() => ' ',
        _ => '.',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_become_their_nearest() {
        for (text, expected) in [
            ("Zoë Müller-Strauß", "Zoe Muller-Strauss"),
            ("Łódź & Søn", "Lodz + Son"),
            ("Αθήνα", "Athena"),
            ("//a//b/", "a/b"),
            ("pay_1 <x>", "pay-1 .x."),
            ("a\nb\u{7}c", "a b c"),
            ("", "."),
            ("///", "."),
        ] {
            assert_eq!(bank_text(text, 70), expected, "{text:?}");
        }
        assert_eq!(bank_text("abcde /fg", 7), "abcde");
    }

    proptest! {
        #[test]
        fn nothing_else_is_left(text in any::<String>(), most in 1..80_usize) {
            let left = bank_text(&text, most);
            prop_assert!((1..=most).contains(&left.len()));
            prop_assert!(left.chars().all(|c| admitted(c) == c && c != '_' && c != '&'));
            prop_assert!(!left.starts_with('/') && !left.ends_with('/') && !left.contains("//"));
            prop_assert_eq!(left.trim(), left.as_str());
        }
    }
}
