/// A cell that a spreadsheet shows and never computes: what it would take for a formula gets an apostrophe before it,
/// control characters become blanks, and semicolons, which separate cells in half of the world, commas.
/// Source: <https://owasp.org/www-community/attacks/CSV_Injection>.
pub(super) fn harmless(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            ';' => ',',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    match plain.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
    {
        true => format!("'{plain}"),
        false => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r@x", "＝1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(harmless("Ann = Bob\nand"), "Ann = Bob and");
        assert_eq!(harmless("Ann;=1+1;"), "Ann,=1+1,");
    }
}
