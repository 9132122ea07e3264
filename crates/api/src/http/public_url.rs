use std::str::FromStr;

use axum::http::{HeaderValue, Uri};

/// Where people reach this instance: `PUBLIC_URL`, an origin without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    is_https: bool,
}

/// Why a `PUBLIC_URL` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPublicUrl {
    /// Not an absolute http or https URL without a path.
    #[error("expected an origin like https://refero.example.com")]
    NotAnOrigin,
    /// Session cookies would travel in the clear.
    #[error("http is for localhost only: elsewhere sessions need https")]
    HttpBeyondLocalhost,
}

impl PublicUrl {
    /// `http://localhost` with a port: for tests and `refero up`.
    pub fn localhost(port: u16) -> Self {
        let port = if port == 80 { String::new() } else { format!(":{port}") };
        Self { origin: format!("http://localhost{port}"), is_https: false }
    }

    /// `scheme://host[:port]`, as browsers write it in Origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The cookie that carries a session. The `__Host-` prefix binds it to this very host over https, so that no
    /// sibling domain can plant one.
    pub fn session_cookie(&self) -> &'static str {
        if self.is_https { "__Host-refero_session" } else { "refero_session" }
    }

    /// `Set-Cookie` for a new session; `None` if the token holds characters that no cookie may.
    pub(crate) fn set_session(&self, token: &str, max_age_secs: u64) -> Option<HeaderValue> {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if !token.bytes().all(is_safe) {
            return None;
        }
        self.cookie(&format!("{token}; Max-Age={max_age_secs}"))
    }

    /// `Set-Cookie` that ends the session in the browser.
    pub(crate) fn clear_session(&self) -> Option<HeaderValue> {
        self.cookie("; Max-Age=0")
    }

    fn cookie(&self, value: &str) -> Option<HeaderValue> {
        let secure = if self.is_https { "; Secure" } else { "" };
        let name = self.session_cookie();
        HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")).ok()
    }
}

impl FromStr for PublicUrl {
    type Err = BadPublicUrl;

    fn from_str(text: &str) -> Result<Self, BadPublicUrl> {
        let uri: Uri = text.trim().to_ascii_lowercase().parse().map_err(|_| BadPublicUrl::NotAnOrigin)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(BadPublicUrl::NotAnOrigin)?;
        let scheme = uri.scheme_str().ok_or(BadPublicUrl::NotAnOrigin)?;
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        if has_user || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(BadPublicUrl::NotAnOrigin);
        }
        let default_port = match scheme {
            "https" => 443,
            "http" if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => 80,
            "http" => return Err(BadPublicUrl::HttpBeyondLocalhost),
            _ => return Err(BadPublicUrl::NotAnOrigin),
        };
        let origin = match uri.port_u16().filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self { origin, is_https: scheme == "https" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_normalised_and_anything_else_refused() {
        use BadPublicUrl::{HttpBeyondLocalhost, NotAnOrigin};
        for (text, expected) in [
            ("https://Refero.Example.com/", Ok("https://refero.example.com")),
            ("https://refero.example.com:443", Ok("https://refero.example.com")),
            ("https://refero.example.com:8443", Ok("https://refero.example.com:8443")),
            ("http://localhost:4000", Ok("http://localhost:4000")),
            ("http://[::1]:4000", Ok("http://[::1]:4000")),
            ("http://refero.example.com", Err(HttpBeyondLocalhost)),
            ("http://localhost.example.com", Err(HttpBeyondLocalhost)),
            ("refero.example.com", Err(NotAnOrigin)),
            ("https://x/app", Err(NotAnOrigin)),
            ("https://u@x", Err(NotAnOrigin)),
            ("ftp://x", Err(NotAnOrigin)),
        ] {
            let parsed = text.parse::<PublicUrl>();
            assert_eq!(parsed.as_ref().map(PublicUrl::origin).map_err(|error| *error), expected, "{text}");
        }
    }

    #[test]
    fn cookies_are_as_strict_as_the_scheme_allows() {
        let https: PublicUrl = "https://refero.example.com".parse().unwrap();
        assert_eq!(
            https.set_session("abc-1", 60).unwrap(),
            "__Host-refero_session=abc-1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let http: PublicUrl = "http://localhost:4000".parse().unwrap();
        assert_eq!(
            http.clear_session().unwrap(),
            "refero_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(http.set_session("a; Domain=evil", 60), None);
    }
}
