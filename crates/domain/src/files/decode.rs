use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// In so many bytes a document says how it is written.
const DECLARATION: usize = 200;

/// The text of a file that a person brings: UTF-8, else what its first bytes or its XML declaration say, else what spreadsheets
/// write in Western Europe. What cannot be read becomes a replacement character.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes).0
}

/// Whether it is text in one of those forms: all of it can be read, and nothing in it is a control character but tabs and ends
/// of lines.
pub fn is_text(bytes: &[u8]) -> bool {
    let (text, is_broken) = decode(bytes);
    !is_broken && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// The text, and whether a part of it could not be read.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _, is_broken) = encoding.decode(bytes);
        return (text, is_broken);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.into(), false);
    }
    let beginning = bytes.get(..DECLARATION).unwrap_or(bytes);
    let encoding = declared(&String::from_utf8_lossy(beginning)).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes)
}

/// What `<?xml version="1.0" encoding="ISO-8859-1"?>` says.
fn declared(beginning: &str) -> Option<&'static Encoding> {
    let (declaration, _) = beginning.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, label) = declaration.split_once("encoding=")?;
    let quote = label.chars().next()?;
    let (label, _) = label.get(1..)?.split_once(quote)?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_banks_and_spreadsheets_write_is_read() {
        for (bytes, text) in [
            (&b"pay_1,paid,\xc3\x96"[..], "pay_1,paid,Ö"),
            (b"\xef\xbb\xbfpay_1", "pay_1"),
            (b"\xff\xfep\0a\0y\0", "pay"),
            (b"pay_1,failed,,M\xfcller", "pay_1,failed,,Müller"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-2'?><a>\xb1</a>",
                "<?xml version='1.0' encoding='ISO-8859-2'?><a>ą</a>",
            ),
            (b"<?xml version=\"1.0\"?><a>\xe4</a>", "<?xml version=\"1.0\"?><a>ä</a>"),
            (b"", ""),
        ] {
            assert_eq!(decoded(bytes), text);
            assert!(is_text(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        for bytes in
            [&b"a\0b"[..], b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n\x01", b"\xff\xfep", b"p\0a\0y\0", b"a\x81b"]
        {
            assert!(!is_text(bytes), "{bytes:?}");
        }
    }
}
