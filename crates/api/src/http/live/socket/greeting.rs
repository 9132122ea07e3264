use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::close::Close;
use crate::http::{
    config::HttpConfig,
    credential::Credential,
    csrf::CSRF_HEADER,
    refusal::Refusal,
    request_info::{ACCOUNT_HEADER, RequestInfo},
};

/// Who opened a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provenance {
    /// A page of ours: it may use the session cookie.
    Ours,
    /// A page that is allowed to come with a key.
    Allowed,
    /// No page: a program, not a browser.
    Program,
}

/// What is known of a client before it says who it is.
pub(super) struct Greeting {
    /// Of nobody yet.
    info: RequestInfo,
    cookie: Credential,
    may_use_cookie: bool,
}

impl Greeting {
    /// # Errors
    /// 400 when the session cookie is sent twice.
    pub(super) fn new(
        info: RequestInfo,
        headers: &HeaderMap,
        config: &HttpConfig,
        provenance: Provenance,
    ) -> Result<Self, Refusal> {
        let cookie = Credential::of_cookie(headers, config.public_url.session_cookie())?;
        // A program sends a cookie with the header that a page of ours would send by POST.
        let is_program = provenance == Provenance::Program
            && headers.get(CSRF_HEADER).is_some_and(|value| value.as_bytes() == b"1");
        let may_use_cookie = provenance == Provenance::Ours || is_program;
        Ok(Self { info, cookie, may_use_cookie })
    }

    /// Whoever it is, by the address.
    pub(super) fn stranger(&self) -> &RequestInfo {
        &self.info
    }

    /// Who it is by the payload of `connection_init`, or else by its cookie.
    ///
    /// # Errors
    /// 4403 for nobody, for a key of another form and for a cookie that a foreign page may have sent.
    pub(super) fn introduced(&self, payload: &Map<String, Value>) -> Result<RequestInfo, Close> {
        let credential = match field(payload, "authorization") {
            Some(text) => Credential::of_bearer(text).ok_or(Close::FORBIDDEN)?,
            None if self.may_use_cookie => self.cookie.clone(),
            None => return Err(Close::FORBIDDEN),
        };
        if credential == Credential::Anonymous {
            return Err(Close::FORBIDDEN);
        }
        let mut info = RequestInfo { credential, ..self.info.clone() };
        if let Some(account) = field(payload, ACCOUNT_HEADER) {
            info.account_id = Some(account.chars().take(64).collect());
        }
        Ok(info)
    }
}

/// A text of the payload by the name of its header, in any case.
fn field<'a>(payload: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let found = payload.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.and_then(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use serde_json::json;

    use super::*;
    use crate::http::{Token, edge::Came, handler};

    fn introduced(provenance: Provenance, headers: &[(&str, &str)], payload: Value) -> Result<String, u16> {
        let headers = HeaderMap::from_iter(
            headers.iter().map(|(k, v)| (k.parse::<header::HeaderName>().unwrap(), v.parse().unwrap())),
        );
        let info = handler::anonymous(&Came::default(), &headers);
        let greeting = Greeting::new(info, &headers, &HttpConfig::for_testing(), provenance).ok().unwrap();
        let Value::Object(payload) = payload else { panic!("an object") };
        let info = greeting.introduced(&payload).map_err(|close| close.code)?;
        let who = match info.credential {
            Credential::ApiKey(token) => format!("key {}", Token::expose(&token)),
            Credential::Session(token) => format!("session {}", Token::expose(&token)),
            Credential::Anonymous => "nobody".to_owned(),
        };
        Ok(format!("{who} of {}", info.account_id.unwrap_or_default()))
    }

    #[test]
    fn a_cookie_counts_only_where_no_foreign_page_can_send_it() {
        use Provenance::{Allowed, Ours, Program};
        let cookie = ("cookie", "refero_session=s");
        let csrf = ("x-refero-csrf", "1");
        let key = json!({ "Authorization": "Bearer k", "X-Account-Id": "acc_1" });
        for (provenance, headers, payload, expected) in [
            (Ours, &[cookie][..], json!({}), Ok("session s of ")),
            (Program, &[cookie, csrf], json!({ "x-account-id": "acc_1" }), Ok("session s of acc_1")),
            (Program, &[cookie], json!({}), Err(4403)),
            (Allowed, &[cookie, csrf], json!({}), Err(4403)),
            (Allowed, &[cookie], key.clone(), Ok("key k of acc_1")),
            (Ours, &[cookie], key, Ok("key k of acc_1")),
            (Ours, &[], json!({}), Err(4403)),
            (Program, &[], json!({ "authorization": "Basic x" }), Err(4403)),
        ] {
            let seen = introduced(provenance, headers, payload.clone());
            assert_eq!(seen.as_deref().map_err(|code| *code), expected, "{headers:?} {payload}");
        }
    }
}
