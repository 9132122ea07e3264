use std::borrow::Cow;

/// The digits of which a number of an account or a telephone has at least so many.
const DIGITS: usize = 7;

/// What a provider said, without what looks like an address or the number of an account or a telephone, also in groups: it is kept
/// where more people see it than those who may see whom it is about.
pub(super) fn plain(text: &str) -> String {
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    // A database keeps no NUL.
    let is_blank = |c: char| c.is_whitespace() || c.is_control();
    let mut words = text.split(is_blank).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        if word.contains('@') || is_crypto_address(word) {
            kept.push("<address>".into());
        } else if let Some(mut digits) = group(word) {
            let mut groups = vec![word];
            while let Some(more) = words.peek().and_then(|next| group(next)) {
                digits += more;
                groups.extend(words.next());
            }
            if digits >= DIGITS {
                kept.push("<number>".into());
            } else {
                kept.extend(groups.into_iter().map(Cow::from));
            }
        } else {
            kept.push(inside(word));
        }
    }
    kept.join(" ").chars().take(500).collect()
}

/// A word that is a pair or a piece of JSON, without the numbers and addresses in it: `iban=DE89...`, `{"account":"12345678"}`.
fn inside(word: &str) -> Cow<'_, str> {
    let is_between = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-' | '.' | '+');
    let is_cut =
        |piece: &str| group(piece).is_some_and(|digits| digits >= DIGITS) || is_crypto_address(piece);
    if !word.split(is_between).any(is_cut) {
        return word.into();
    }
    let cut = |piece: &str| {
        let end = piece.strip_suffix(is_between).unwrap_or(piece);
        let cut = if is_cut(end) { "<number>" } else { end };
        format!("{cut}{}", &piece[end.len()..])
    };
    word.split_inclusive(is_between).map(cut).collect::<String>().into()
}

/// A provider's word for what went wrong, which a bank may fill with a sentence.
pub(super) fn plain_code(code: &str) -> String {
    plain(code).chars().take(100).collect()
}

/// How many digits a word has that may be a number, or a group of one: digits, and at most what an IBAN has of letters, however it
/// is written.
fn group(word: &str) -> Option<usize> {
    let word = bare(word);
    let (digits, letters) = counts(word);
    let mut written = word.chars().filter(|c| !matches!(c, '-' | '.'));
    let begins_as_iban = written.by_ref().take(2).filter(char::is_ascii_alphabetic).count() == 2
        && written.by_ref().take(2).filter(char::is_ascii_digit).count() == 2
        && written.all(|c| c.is_ascii_alphanumeric());
    (digits > 0 && (letters == 0 || begins_as_iban)).then_some(digits)
}

/// Twenty-six letters and digits or more at a stretch.
fn is_crypto_address(word: &str) -> bool {
    let word = bare(word);
    let is_iban = group(word).is_some();
    word.len() >= 26 && !is_iban && counts(word).0 > 0 && word.chars().all(|c| c.is_ascii_alphanumeric())
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+')
}

/// Digits and letters.
fn counts(word: &str) -> (usize, usize) {
    (word.chars().filter(char::is_ascii_digit).count(), word.chars().filter(|c| c.is_alphabetic()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_person_is_cut_out() {
        for (said, kept) in [
            ("Receiver ada@example.com, is unregistered", "Receiver <address> is unregistered"),
            ("the phone +49 30123456789.", "the phone <number>"),
            ("call +1 408 555 0123 now", "call <number> now"),
            ("\"DE89 3704 0044 0532 0130 00\" is no reference", "<number> is no reference"),
            ("to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa: dust", "to <address> dust"),
            ("line 12: 3 of 40 failed, code AC04", "line 12: 3 of 40 failed, code AC04"),
            ("account DE89370400440532013000: closed", "account <number> closed"),
            ("account de89370400440532013000: closed", "account <number> closed"),
            ("to DE89-3704-0044-0532-0130-00.", "to <number>"),
            ("debug 7f3c9d2e-1b2a-4c5d-8e9f-0a1b2c3d4e5f", "debug 7f3c9d2e-1b2a-4c5d-8e9f-0a1b2c3d4e5f"),
            ("iban=DE89370400440532013000,code=7", "iban=<number>,code=7"),
            (r#"{"iban":"DE89370400440532013000","n":1}"#, r#"{"iban":"<number>","n":1}"#),
            (r#"{"account":12345678,"sort":"040004"}"#, r#"{"account":<number>,"sort":"040004"}"#),
            (r#"{"email":"ada@example.com"}"#, "<address>"),
            (
                "payment pay_01h455vb4pex5vsknk084sn02q: AMOUNT: 12.50 EUR",
                "payment pay_01h455vb4pex5vsknk084sn02q: AMOUNT: 12.50 EUR",
            ),
        ] {
            assert_eq!(plain(said), kept);
        }
    }
}
