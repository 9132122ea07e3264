use async_graphql::{PathSegment, Pos, ServerError};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    negotiate::Media,
    nulls,
    refusal::{INTERNAL_MESSAGE, Refusal},
};

/// How many errors of one operation are told, and how many characters of each: validation reports every field of a
/// wrong document, and quotes the values.
const MOST_ERRORS: usize = 50;
const LONGEST_MESSAGE: usize = 1_000;

/// One GraphQL response as it is written: a request error carries no `data` at all.
#[derive(Debug, Serialize)]
pub(crate) struct GraphqlBody {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<async_graphql::Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extensions: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    extensions: Map<String, Value>,
}

impl GraphqlBody {
    /// What execution came to. An error without a code is a fault of ours: it is logged here, and only here, and the
    /// client learns nothing but the request id.
    pub(crate) fn executed(response: async_graphql::Response, cost: Value, request_id: &str) -> Self {
        let mut body = Self::of_stream(response, request_id);
        body.extensions.insert("cost".to_owned(), cost);
        body
    }

    /// As [`GraphqlBody::executed`], for one of many answers: what they cost was paid at the beginning.
    pub(crate) fn of_stream(mut response: async_graphql::Response, request_id: &str) -> Self {
        nulls::complete(&mut response.data, &response.errors);
        let is_null = response.data == async_graphql::Value::Null;
        let is_request_error = is_null && response.errors.iter().any(|error| error.path.is_empty());
        let told = response.errors.into_iter().take(MOST_ERRORS);
        let errors = told.map(|error| ErrorBody::of(error, request_id)).collect();
        let extensions: Map<String, Value> = response
            .extensions
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.into_json().ok()?)))
            .collect();
        Self { errors, data: (!is_request_error).then_some(response.data), extensions }
    }

    /// Whether nothing was executed.
    pub(crate) fn is_request_error(&self) -> bool {
        self.data.is_none()
    }

    /// The errors alone, as an `error` message has them.
    pub(crate) fn errors(&self) -> Value {
        serde_json::to_value(&self.errors).unwrap_or_default()
    }

    /// As JSON.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            r#"{"errors":[{"message":"The answer cannot be written."}]}"#.to_owned()
        })
    }

    /// What was not executed, or not to its end.
    pub(crate) fn refused(refusal: &Refusal, request_id: &str) -> Self {
        let error = ErrorBody {
            message: refusal.message.clone().into_owned(),
            locations: refusal.at.into_iter().collect(),
            path: Vec::new(),
            extensions: marks(Map::new(), refusal.code, request_id),
        };
        Self { errors: vec![error], data: None, extensions: Map::new() }
    }
}

impl ErrorBody {
    fn of(error: ServerError, request_id: &str) -> Self {
        let extensions = match serde_json::to_value(&error.extensions) {
            Ok(Value::Object(extensions)) => extensions,
            _ => Map::new(),
        };
        let known = extensions.get("code").and_then(Value::as_str).map(str::to_owned);
        let (message, code, extensions) = match known.or_else(|| code_of_library(&error)) {
            Some(code) => (error.message, code, extensions),
            None => {
                tracing::error!(request_id, error = error.message, path = ?error.path, "a resolver failed");
                (INTERNAL_MESSAGE.to_owned(), "INTERNAL".to_owned(), Map::new())
            }
        };
        let extensions = marks(extensions, &code, request_id);
        let message = message.chars().take(LONGEST_MESSAGE).collect();
        Self { message, locations: error.locations, path: error.path, extensions }
    }
}

/// The codes of errors that async-graphql itself makes. Outside of fields they come from validation, which knows only
/// the document and the schema; inside of fields, from input that a scalar or a validator refused.
fn code_of_library(error: &ServerError) -> Option<String> {
    let code = match error.path.is_empty() {
        true => "GRAPHQL_VALIDATION_FAILED",
        false if error.message.starts_with("Failed to parse \"") => "BAD_USER_INPUT",
        false => return None,
    };
    Some(code.to_owned())
}

fn marks(mut extensions: Map<String, Value>, code: &str, request_id: &str) -> Map<String, Value> {
    extensions.insert("code".to_owned(), code.into());
    extensions.insert("requestId".to_owned(), request_id.into());
    extensions
}

/// The answer to one operation.
pub(crate) fn single(media: Media, body: &GraphqlBody) -> Response {
    let is_request_error = body.data.is_none() && media == Media::GraphqlResponse;
    json(if is_request_error { StatusCode::BAD_REQUEST } else { StatusCode::OK }, media, body)
}

/// The answer to an operation that could not begin, with a status that says of what kind its error is.
pub(crate) fn not_begun(body: &GraphqlBody) -> Response {
    let code = body.errors.first().and_then(|error| error.extensions.get("code")).and_then(Value::as_str);
    let status = match code {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN" | "ACCOUNT_NOT_FOUND" | "ACCOUNT_SUSPENDED") => StatusCode::FORBIDDEN,
        Some("OVERLOADED") => StatusCode::SERVICE_UNAVAILABLE,
        Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    json(status, Media::GraphqlResponse, body)
}

/// The answer to a batch, which no specification covers: what became of each operation stands in its own body.
pub(crate) fn batch(media: Media, bodies: &[GraphqlBody]) -> Response {
    json(StatusCode::OK, media, &bodies)
}

/// The answer to a request of which nothing was executed.
pub(crate) fn refusal(media: Media, refusal: &Refusal, request_id: &str) -> Response {
    let media = if media == Media::Html { Media::Json } else { media };
    let is_hidden = refusal.is_about_document && media == Media::Json;
    let status = if is_hidden { StatusCode::OK } else { refusal.status };
    let mut response = json(status, media, &GraphqlBody::refused(refusal, request_id));
    if let Some(hint) = refusal.hint {
        let (name, value) = hint.header();
        response.headers_mut().insert(name, value);
    }
    response
}

fn json(status: StatusCode, media: Media, body: &impl Serialize) -> Response {
    let (status, bytes) = match serde_json::to_vec(body) {
        Ok(bytes) => (status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                br#"{"errors":[{"message":"The answer cannot be written."}]}"#.to_vec(),
            )
        }
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    response
}

#[cfg(test)]
mod tests {
    use async_graphql::{ErrorExtensionValues, Value as GraphqlValue};
    use serde_json::json;

    use super::*;

    fn written(errors: Vec<ServerError>, data: GraphqlValue) -> Value {
        let mut response = async_graphql::Response::new(data);
        response.errors = errors;
        serde_json::to_value(GraphqlBody::executed(response, json!({"operation": 1}), "req_1")).unwrap()
    }

    #[test]
    fn an_error_without_a_code_tells_nothing() {
        let error = ServerError::new("relation \"secret\" does not exist", None)
            .with_path(vec![PathSegment::Field("a".to_owned())]);
        assert_eq!(
            written(vec![error], GraphqlValue::Null),
            json!({
                "errors": [{
                    "message": "Something went wrong on our side.",
                    "path": ["a"],
                    "extensions": {"code": "INTERNAL", "requestId": "req_1"},
                }],
                "data": null,
                "extensions": {"cost": {"operation": 1}},
            })
        );
    }

    #[test]
    fn a_code_is_passed_on_with_its_facts() {
        let mut values = ErrorExtensionValues::default();
        values.set("code", "FORBIDDEN");
        values.set("permission", "REWARDS_WRITE");
        let mut error = ServerError::new("Not allowed.", Some(Pos { line: 1, column: 2 }));
        error.path = vec![PathSegment::Field("a".to_owned()), PathSegment::Index(0)];
        error.extensions = Some(values);
        assert_eq!(
            written(vec![error], GraphqlValue::from(1))["errors"][0],
            json!({
                "message": "Not allowed.",
                "locations": [{"line": 1, "column": 2}],
                "path": ["a", 0],
                "extensions": {"code": "FORBIDDEN", "permission": "REWARDS_WRITE", "requestId": "req_1"},
            })
        );
    }

    #[test]
    fn an_error_outside_of_fields_is_a_request_error_without_data() {
        let written = written(vec![ServerError::new("Unknown field \"x\".", None)], GraphqlValue::Null);
        assert_eq!(written.get("data"), None);
        assert_eq!(written["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    }

    #[test]
    fn the_status_of_a_document_refusal_follows_the_media_type() {
        let document = Refusal::document("QUERY_TOO_LARGE", "x");
        for (media, refused, status) in [
            (Media::Json, &document, 200),
            (Media::GraphqlResponse, &document, 400),
            (Media::Json, &Refusal::bad_request("x"), 400),
            (Media::GraphqlResponse, &Refusal::overloaded(), 503),
        ] {
            assert_eq!(refusal(media, refused, "req_1").status(), status);
        }
    }
}
