use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::http::Response;

/// What the API answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// `data`; null when there is none.
    pub data: Value,
    /// `errors`; empty when there are none.
    pub errors: Vec<Value>,
    /// The headers.
    pub headers: HeaderMap,
}

impl Answer {
    pub(crate) fn of(response: Response) -> anyhow::Result<Self> {
        let mut body: Value = serde_json::from_slice(&response.body)?;
        let errors = match body["errors"].take() {
            Value::Array(errors) => errors,
            _ => Vec::new(),
        };
        let data = body["data"].take();
        Ok(Self { status: response.status, data, errors, headers: response.headers })
    }

    /// The data of an operation that went well: no errors, and no `userErrors` in any mutation's payload.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.errors.is_empty(), "the operation failed: {:#?}", self.errors);
        for (name, payload) in self.data.as_object().into_iter().flatten() {
            let errors = payload["userErrors"].as_array().map_or(&[][..], Vec::as_slice);
            assert!(errors.is_empty(), "{name} was refused: {errors:#?}");
        }
        self.data
    }

    /// `extensions.code` of the first error; empty when there is none.
    pub fn code(&self) -> &str {
        self.errors.first().and_then(|error| error["extensions"]["code"].as_str()).unwrap_or_default()
    }

    /// The codes of the `userErrors` of the one mutation asked for.
    pub fn user_error_codes(&self) -> Vec<&str> {
        let payloads = self.data.as_object().into_iter().flat_map(|fields| fields.values());
        let errors = payloads.filter_map(|payload| payload["userErrors"].as_array()).flatten();
        errors.filter_map(|error| error["code"].as_str()).collect()
    }
}
