use axum::http::{HeaderMap, StatusCode, header};
use domain::files::is_text;

use crate::http::refusal::Refusal;

/// The media types that are taken, and how such bytes begin, where they all begin alike.
const ACCEPTED: [(&str, &[u8]); 6] = [
    ("application/pdf", b"%PDF-"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("text/csv", b""),
    ("application/xml", b""),
    ("text/xml", b""),
];

/// The media type of a body, without parameters.
///
/// # Errors
/// 415 for one that is not taken.
pub(super) fn media_type(headers: &HeaderMap) -> Result<&'static str, Refusal> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim();
    let known = ACCEPTED.iter().find(|(known, _)| said.eq_ignore_ascii_case(known));
    known.map(|(known, _)| *known).ok_or_else(|| {
        let message =
            "Send application/pdf, image/png, image/jpeg, text/csv, application/xml or text/xml as Content-Type.";
        Refusal::transport(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    })
}

/// Refuses bytes that are not what they are said to be: by their beginning, and text by being one that can be read,
/// as banks and spreadsheets write it, without control characters.
///
/// # Errors
/// 400.
pub(super) fn check(media_type: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let known = ACCEPTED.iter().find(|(known, _)| *known == media_type);
    let is_such = match known {
        Some((_, [])) => is_text(bytes),
        Some((_, beginning)) => bytes.starts_with(beginning),
        None => false,
    };
    if is_such { Ok(()) } else { Err(Refusal::bad_request(format!("The body is no {media_type}."))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_in_any_spelling() {
        let of = |said: &str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, said.parse().unwrap())]);
            media_type(&headers).map_err(|refusal| refusal.status.as_u16())
        };
        assert_eq!(of("Text/CSV; charset=utf-8"), Ok("text/csv"));
        assert_eq!(of("application/pdf"), Ok("application/pdf"));
        for refused in ["text/html", "image/svg+xml", "application/x-www-form-urlencoded", ""] {
            assert_eq!(of(refused), Err(415), "{refused}");
        }
        assert_eq!(media_type(&HeaderMap::new()).unwrap_err().status.as_u16(), 415);
    }

    #[test]
    fn bytes_are_what_they_are_said_to_be() {
        for (said, bytes, is_such) in [
            ("application/pdf", &b"%PDF-1.7 ..."[..], true),
            ("application/pdf", b"<html>", false),
            ("image/png", b"\x89PNG\r\n\x1a\n...", true),
            ("image/png", b"\xff\xd8\xff", false),
            ("image/jpeg", b"\xff\xd8\xff\xe0", true),
            ("text/csv", "a,b\r\nä,1".as_bytes(), true),
            ("text/csv", b"M\xfcller;1", true),
            ("text/csv", b"a\0b", false),
            ("text/xml", b"\xff\xfe<\0", true),
            ("application/xml", b"\xff\xfe<", false),
        ] {
            assert_eq!(check(said, bytes).is_ok(), is_such, "{said} {bytes:?}");
        }
    }
}
