use std::fmt;

use axum::http::{HeaderMap, header};

use super::refusal::Refusal;

/// A secret that a client presented, not yet checked. Its `Debug` keeps it out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a secret as it came.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, to be hashed and looked up.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Who a request says it comes from. Nothing is known yet about whether that is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer rfo_live_...`.
    ApiKey(Token),
    /// The session cookie.
    Session(Token),
    /// Neither.
    Anonymous,
}

/// Longer than any key or session token of ours; what is longer is not worth hashing.
const LONGEST: usize = 512;

impl Credential {
    /// Reads the credential of a request; `cookie` is the name of the session cookie.
    ///
    /// # Errors
    /// 400 for both kinds or two of one kind at once (which one counts would be a guess), 401 for another scheme than
    /// Bearer.
    pub(crate) fn of(headers: &HeaderMap, cookie: &str) -> Result<Self, Refusal> {
        let session = session_token(headers, cookie)?;
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        let Some(authorization) = authorizations.next() else {
            return Ok(session.map_or(Self::Anonymous, Self::Session));
        };
        if session.is_some() || authorizations.next().is_some() {
            return Err(Refusal::bad_request(
                "Send one credential: either an API key or the session cookie.",
            ));
        }
        let bearer = authorization.to_str().ok().and_then(Self::of_bearer);
        bearer.ok_or_else(|| Refusal::unauthenticated("Send `Authorization: Bearer` with an API key."))
    }

    /// Reads `Bearer rfo_live_...`.
    pub(crate) fn of_bearer(text: &str) -> Option<Self> {
        let (scheme, key) = text.split_once(' ')?;
        let key = key.trim();
        let is_key = scheme.eq_ignore_ascii_case("bearer") && (1..=LONGEST).contains(&key.len());
        is_key.then(|| Self::ApiKey(Token::new(key)))
    }

    /// Reads the session cookie alone.
    ///
    /// # Errors
    /// 400 when it is sent twice.
    pub(crate) fn of_cookie(headers: &HeaderMap, cookie: &str) -> Result<Self, Refusal> {
        Ok(session_token(headers, cookie)?.map_or(Self::Anonymous, Self::Session))
    }
}

fn session_token(headers: &HeaderMap, cookie: &str) -> Result<Option<Token>, Refusal> {
    let mut found = None;
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    for (name, value) in texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='))
    {
        if name != cookie || !(1..=LONGEST).contains(&value.len()) {
            continue;
        }
        if found.replace(Token::new(value)).is_some() {
            return Err(Refusal::bad_request("The session cookie is sent twice."));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Credential, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
        }
        Credential::of(&headers, "refero_session").map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn one_credential_or_none() {
        let (key, session) =
            (Credential::ApiKey(Token::new("rfo_live_1")), Credential::Session(Token::new("s1")));
        for (pairs, expected) in [
            (&[][..], Ok(Credential::Anonymous)),
            (&[("authorization", "Bearer rfo_live_1")], Ok(key.clone())),
            (&[("authorization", "bearer  rfo_live_1 ")], Ok(key)),
            (&[("cookie", "theme=dark; refero_session=s1; x")], Ok(session.clone())),
            (&[("cookie", "a=b"), ("cookie", "refero_session=s1")], Ok(session)),
            (&[("cookie", "xrefero_session=s1; refero_session=")], Ok(Credential::Anonymous)),
            (&[("cookie", "refero_session=s1; refero_session=s2")], Err(400)),
            (&[("cookie", "refero_session=s1"), ("authorization", "Bearer k")], Err(400)),
            (&[("authorization", "Bearer k"), ("authorization", "Bearer k")], Err(400)),
            (&[("authorization", "Basic dTpw")], Err(401)),
            (&[("authorization", "Bearer ")], Err(401)),
        ] {
            assert_eq!(read(pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn debug_keeps_the_secret() {
        assert_eq!(format!("{:?}", Credential::ApiKey(Token::new("rfo_live_1"))), "ApiKey(Token(..))");
    }
}
