/// What a provider said, without what looks like an address or the number of an account or a telephone: it is kept where more
/// people see it than those who may see whom it is about.
pub(super) fn plain(text: &str) -> String {
    let words = text.split_whitespace().map(|word| match word {
        word if word.contains('@') => "<address>",
        word if is_number(word) => "<number>",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

/// Seven digits or more and little else, or an IBAN.
fn is_number(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+');
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let (letters, alphanumeric) = (
        word.chars().filter(|c| c.is_ascii_alphabetic()).count(),
        word.chars().all(|c| c.is_ascii_alphanumeric()),
    );
    let is_iban = alphanumeric
        && word.len() >= 15
        && word.chars().take(2).all(|c| c.is_ascii_uppercase())
        && word.chars().skip(2).take(2).all(|c| c.is_ascii_digit());
    is_iban || (digits >= 7 && letters == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_person_is_cut_out() {
        for (said, kept) in [
            ("Receiver ada@example.com, is unregistered", "Receiver <address> is unregistered"),
            ("the phone +49 30123456789.", "the phone +49 <number>"),
            ("account DE89370400440532013000: closed", "account <number> closed"),
            (
                "payment pay_01h455vb4pex5vsknk084sn02q: AMOUNT: 12.50 EUR",
                "payment pay_01h455vb4pex5vsknk084sn02q: AMOUNT: 12.50 EUR",
            ),
        ] {
            assert_eq!(plain(said), kept);
        }
    }
}
