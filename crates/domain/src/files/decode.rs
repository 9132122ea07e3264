use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// In so many bytes a document says how it is written.
const DECLARATION: usize = 200;

/// The text of a file that a person brings: UTF-8, else what its first bytes or its XML declaration say, else what spreadsheets
/// write in Western Europe. What cannot be read becomes a replacement character.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let beginning = bytes.get(..DECLARATION).unwrap_or(bytes);
    let encoding = declared(&String::from_utf8_lossy(beginning)).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0
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
        }
    }
}
