use std::str;

/// A message as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// From MAIL FROM.
    pub sender: String,
    /// From RCPT TO.
    pub recipients: Vec<String>,
    /// With angle brackets; empty if there was none.
    pub message_id: String,
    /// Decoded.
    pub subject: String,
    /// The plain body, decoded, with lines that end in `\n`.
    pub text: String,
    /// The HTML body, decoded likewise.
    pub html: String,
    /// Everything, as it came.
    pub raw: String,
}

impl ReceivedMail {
    /// The value of a header, unfolded but not decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.raw, name)
    }

    pub(super) fn parse(sender: String, recipients: Vec<String>, bytes: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(bytes).into_owned();
        Self {
            sender,
            recipients,
            message_id: header(&raw, "Message-ID").unwrap_or_default(),
            subject: decoded_words(&header(&raw, "Subject").unwrap_or_default()),
            text: part(&raw, "text/plain"),
            html: part(&raw, "text/html"),
            raw,
        }
    }
}

fn header(raw: &str, name: &str) -> Option<String> {
    let (head, _) = raw.split_once("\r\n\r\n")?;
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The decoded body of the first part of a kind; the mailer sends quoted-printable.
fn part(raw: &str, kind: &str) -> String {
    let Some((_, boundary)) =
        header(raw, "Content-Type").unwrap_or_default().split_once("boundary=").map(own)
    else {
        return String::new();
    };
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let found = raw.split(delimiter.as_str()).skip(1).find(|part| {
        let part = part.trim_start();
        header(part, "Content-Type").is_some_and(|value| value.starts_with(kind))
    });
    let (_, body) = found.and_then(|part| part.split_once("\r\n\r\n")).unwrap_or_default();
    quoted_printable(body.strip_suffix("\r\n").unwrap_or(body)).replace("\r\n", "\n")
}

fn own((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = tail.get(..2).filter(|_| *first == b'=').and_then(hex_byte);
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()
}

/// Undoes RFC 2047 in the one form that lettre writes: base64 of UTF-8.
fn decoded_words(value: &str) -> String {
    // White space between two encoded words is not part of the text.
    let mut rest = value.replace("?= =?utf-8?b?", "?==?utf-8?b?");
    let mut decoded = String::new();
    while let Some((before, encoded)) = rest.split_once("=?utf-8?b?") {
        decoded.push_str(before);
        let (word, after) = encoded.split_once("?=").unwrap_or((encoded, ""));
        decoded.push_str(&String::from_utf8_lossy(&base64(word)));
        rest = after.to_owned();
    }
    decoded + &rest
}

fn base64(word: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for digit in word.bytes().filter_map(|byte| ALPHABET.iter().position(|known| *known == byte)) {
        bits = bits << 6 | u32::try_from(digit).unwrap_or_default();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.extend((bits >> held).to_le_bytes().first());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        assert_eq!(quoted_printable("a=3Db=\r\nc =C3=A9=zz"), "a=bc é=zz");
        assert_eq!(decoded_words("Sale =?utf-8?b?QWRyacOhbg==?= now"), "Sale Adrián now");
        assert_eq!(decoded_words("=?utf-8?b?w6k=?= =?utf-8?b?w6k=?="), "éé");
    }
}
