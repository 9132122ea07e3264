use axum::http::{HeaderMap, StatusCode, header};

use super::{credential::Credential, public_url::PublicUrl, refusal::Refusal};

/// The header that a page of ours sends with every request that carries the session cookie. A form cannot send it, and
/// a script of another origin may not without a CORS answer that we never give.
pub const CSRF_HEADER: &str = "x-refero-csrf";

/// Refuses a request that a foreign page made a browser send with someone's session. Keys and anonymous requests carry
/// nothing that a browser adds by itself.
pub(crate) fn check(
    headers: &HeaderMap,
    credential: &Credential,
    public_url: &PublicUrl,
) -> Result<(), Refusal> {
    if !matches!(credential, Credential::Session(_)) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_same_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let is_same_origin =
        text(header::ORIGIN.as_str()).is_none_or(|origin| origin.eq_ignore_ascii_case(public_url.origin()));
    if is_same_site && is_same_origin && text(CSRF_HEADER) == Some("1") {
        return Ok(());
    }
    let message = match is_same_site && is_same_origin {
        true => "With a session cookie, send the header `X-Refero-Csrf: 1`.".to_owned(),
        false => format!("With a session cookie, requests must come from pages of {}.", public_url.origin()),
    };
    Err(Refusal::transport(StatusCode::FORBIDDEN, "CSRF", message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Token;

    #[test]
    fn a_session_needs_our_own_page() {
        let public_url: PublicUrl = "https://refero.example.com".parse().unwrap();
        let session = Credential::Session(Token::new("s"));
        let judge = |pairs: &[(&'static str, &'static str)], credential: &Credential| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            check(&headers, credential, &public_url).is_ok()
        };
        let ours = ("origin", "https://refero.example.com");
        for (pairs, passes) in [
            (&[("x-refero-csrf", "1")][..], true),
            (&[("x-refero-csrf", "1"), ours, ("sec-fetch-site", "same-origin")], true),
            (&[ours, ("sec-fetch-site", "same-origin")], false),
            (&[("x-refero-csrf", "")], false),
            (&[("x-refero-csrf", "1"), ("origin", "https://evil.example.com")], false),
            (&[("x-refero-csrf", "1"), ("origin", "null")], false),
            (&[("x-refero-csrf", "1"), ours, ("sec-fetch-site", "same-site")], false),
            (&[("x-refero-csrf", "1"), ("sec-fetch-site", "cross-site")], false),
            (&[("x-refero-csrf", "1"), ("sec-fetch-site", "none")], false),
        ] {
            assert_eq!(judge(pairs, &session), passes, "{pairs:?}");
            assert!(judge(pairs, &Credential::Anonymous));
            assert!(judge(pairs, &Credential::ApiKey(Token::new("rfo_live_1"))));
        }
    }
}
