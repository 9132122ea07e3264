//! The gate before the parser. async-graphql's parser recurses on nested lists, objects and selections without a
//! limit, and a stack that overflows aborts the process. So tokens and open brackets are counted first, in one pass
//! and without recursion.

use async_graphql::Pos;

/// Why a document does not reach the parser.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LexicalError {
    TooManyTokens { limit: usize },
    TooNested { limit: usize, at: Pos },
    UnterminatedString { at: Pos },
    LongName { at: Pos },
}

/// Longer than any name that a person or a tool writes. Validation compares an unknown name with every name that it
/// might have meant, which takes the product of their lengths.
const LONGEST_NAME: usize = 128;

/// Passes a document of at most `max_tokens` tokens that never has more than `max_nesting` brackets open.
///
/// Whatever else is wrong with it is for the parser to say. All delimiters are ASCII, so scanning bytes is safe: a
/// multi-byte character is skipped inside strings and comments, and elsewhere only makes the count higher.
pub(crate) fn check(source: &str, max_tokens: usize, max_nesting: usize) -> Result<(), LexicalError> {
    let bytes = source.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = skip_while(bytes, at, |b| b != b'\n' && b != b'\r');
                continue;
            }
            b'"' => string_end(bytes, at)
                .ok_or_else(|| LexicalError::UnterminatedString { at: position(source, at) })?,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => {
                skip_while(bytes, at + 1, |b| b == b'_' || b.is_ascii_alphanumeric())
            }
            b'.' => skip_while(bytes, at, |b| b == b'.').min(at + 3),
            _ => at + 1,
        };
        if byte != b'"' && end - at > LONGEST_NAME {
            return Err(LexicalError::LongName { at: position(source, at) });
        }
        tokens += 1;
        if tokens > max_tokens {
            return Err(LexicalError::TooManyTokens { limit: max_tokens });
        }
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > max_nesting {
            return Err(LexicalError::TooNested { limit: max_nesting, at: position(source, at) });
        }
        at = end;
    }
    Ok(())
}

/// Where the string that starts at `start` ends, exclusive: `"..."` on one line, or a `"""` block.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    if !bytes[start..].starts_with(b"\"\"\"") {
        return line_string_end(bytes, start + 1);
    }
    let mut at = start + 3;
    loop {
        at = skip_while(bytes, at, |b| b != b'"' && b != b'\\');
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(b"\"\"\"") {
            return Some(at + 3);
        }
        at += if rest.starts_with(b"\\\"\"\"") { 4 } else { 1 };
    }
}

fn line_string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = skip_while(bytes, at, |b| !matches!(b, b'"' | b'\\' | b'\n' | b'\r'));
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

fn skip_while(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
}

/// Line and column, from one and in characters, of a byte offset that starts a character.
fn position(source: &str, at: usize) -> Pos {
    let before = source.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Pos {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(source: &str, tokens: usize, nesting: usize) -> bool {
        check(source, tokens, nesting).is_ok()
    }

    /// The smallest caps under which the document passes.
    fn measure(source: &str) -> (usize, usize) {
        let tokens = (0..).find(|cap| passes(source, *cap, 1_000)).unwrap();
        (tokens, (0..).find(|cap| passes(source, 1_000, *cap)).unwrap())
    }

    #[test]
    fn tokens_and_brackets_are_counted_and_trivia_is_not() {
        assert_eq!(measure(""), (0, 0));
        assert_eq!(measure("{a}"), (3, 1));
        assert_eq!(measure("query Q($n: [Int!]! = [1, -2]) { a(x: {y: $n}) ...F }"), (32, 3));
        assert_eq!(measure("\u{feff}{ a, b # [[[ {{{ \"\n,,, c }").1, 1);
        assert_eq!(measure("{a...on B{c}}"), (9, 2));
    }

    #[test]
    fn brackets_inside_strings_do_not_count() {
        // Written with ' for ", to be legible.
        for text in [
            "'[[['",
            "'\\'[[['",
            "'\\\\'",
            "''",
            "'é[[[😀'",
            "'''[[['''",
            "''' ' '' \\ \\''' [[[ '''",
            "'''\n[[[\n# not a comment\n'''",
            "''''''",
        ] {
            let text = text.replace('\'', "\"");
            assert_eq!(measure(&format!("{{a(x:{text})}}")), (8, 2), "{text}");
        }
    }

    #[test]
    fn a_string_that_never_ends_is_refused_where_it_starts() {
        for text in ["\"", "\"abc", "\"abc\n\"", "\"\\", "\"\"\"abc\"\"", "\"\"\"\\\"\"\"", "\"\"\""] {
            let at = Pos { line: 2, column: 3 };
            assert_eq!(
                check(&format!("{{\né {text}"), 99, 9),
                Err(LexicalError::UnterminatedString { at }),
                "{text}"
            );
        }
    }

    #[test]
    fn the_caps_are_inclusive() {
        assert!(passes("{a{b}}", 6, 2));
        assert_eq!(check("{a{b}}", 5, 2), Err(LexicalError::TooManyTokens { limit: 5 }));
        let at = Pos { line: 1, column: 3 };
        assert_eq!(check("{a{b}}", 6, 1), Err(LexicalError::TooNested { limit: 1, at }));
        assert!(passes(&"[]".repeat(400), 800, 1), "closed brackets do not add up");
    }

    #[test]
    fn a_name_has_an_end_and_a_string_need_not() {
        assert!(passes(&format!("{{{}}}", "a".repeat(128)), 3, 1));
        assert!(passes(&format!("{{a(x:\"{}\")}}", "a".repeat(100_000)), 8, 2));
        let at = Pos { line: 1, column: 2 };
        assert_eq!(check(&format!("{{{}}}", "a".repeat(129)), 3, 1), Err(LexicalError::LongName { at }));
    }

    #[test]
    fn five_kilobytes_of_open_brackets_stop_at_the_cap() {
        let killer = format!("{{a(x:{}", "[".repeat(5_000));
        assert!(matches!(check(&killer, 2_000, 64), Err(LexicalError::TooNested { limit: 64, .. })));
    }
}
