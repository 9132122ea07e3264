use async_graphql::Variables;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The parameters of one GraphQL request.
#[derive(Debug, Clone)]
pub(crate) struct Params {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// What a body or a query string asks for.
#[derive(Debug)]
pub(crate) enum Asked {
    One(Params),
    Batch(Vec<Params>),
}

impl Asked {
    /// Reads a JSON body. `max_batch` of 0 refuses arrays.
    pub(crate) fn from_body(body: &[u8], max_batch: usize) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Params::from_object(object).map(Self::One),
            Ok(Value::Array(_)) if max_batch == 0 => {
                Err(Refusal::bad_request("Batches are not enabled: send one object."))
            }
            Ok(Value::Array(items)) if items.is_empty() => Err(Refusal::bad_request("The batch is empty.")),
            Ok(Value::Array(items)) if items.len() > max_batch => {
                Err(Refusal::bad_request(format!("A batch holds at most {max_batch} operations.")))
            }
            Ok(Value::Array(items)) => {
                items.into_iter().map(Params::from_item).collect::<Result<_, _>>().map(Self::Batch)
            }
            Ok(_) => Err(Refusal::bad_request("The body must be a JSON object.")),
            Err(_) => Err(Refusal::bad_request("The body is not valid JSON in UTF-8.")),
        }
    }
}

impl Params {
    /// Reads the query string of a GET, where `variables` and `extensions` are JSON texts.
    pub(crate) fn from_query_string(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut object = Map::new();
        for (name, text) in pairs {
            let value = match name.as_str() {
                "variables" | "extensions" => serde_json::from_str(&text)
                    .map_err(|_| Refusal::bad_request(format!("`{name}` is not valid JSON.")))?,
                _ => Value::String(text),
            };
            if object.insert(name.clone(), value).is_some() {
                return Err(Refusal::bad_request("A parameter is given twice."));
            }
        }
        Self::from_object(object)
    }

    fn from_item(item: Value) -> Result<Self, Refusal> {
        match item {
            Value::Object(object) => Self::from_object(object),
            _ => Err(Refusal::bad_request("Each item of a batch must be a JSON object.")),
        }
    }

    pub(crate) fn from_object(mut object: Map<String, Value>) -> Result<Self, Refusal> {
        let query = match object.remove("query") {
            Some(Value::String(query)) if !query.trim().is_empty() => query,
            Some(Value::String(_)) | Some(Value::Null) | None => {
                return Err(Refusal::bad_request("`query` is missing."));
            }
            Some(_) => return Err(Refusal::bad_request("`query` must be a string.")),
        };
        let operation_name = match object.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Refusal::bad_request("`operationName` must be a string.")),
        };
        let variables = match object.remove("variables") {
            None | Some(Value::Null) => Variables::default(),
            Some(variables @ Value::Object(_)) => Variables::from_json(variables),
            Some(_) => return Err(Refusal::bad_request("`variables` must be an object.")),
        };
        // No extension is understood, so none is kept; a wrong type is a mistake all the same.
        match object.remove("extensions") {
            None | Some(Value::Null | Value::Object(_)) => Ok(Self { query, operation_name, variables }),
            Some(_) => Err(Refusal::bad_request("`extensions` must be an object.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str, max_batch: usize) -> Option<String> {
        Asked::from_body(body.as_bytes(), max_batch).err().map(|refusal| refusal.message.into_owned())
    }

    #[test]
    fn parameters_have_types() {
        assert_eq!(
            refused(r#"{"query":"{a}","variables":null,"operationName":"","extensions":{}}"#, 0),
            None
        );
        for (body, word) in [
            ("", "JSON"),
            ("{", "JSON"),
            ("1", "object"),
            (r#"{"qeury":"{a}"}"#, "`query` is missing"),
            (r#"{"query":" "}"#, "`query` is missing"),
            (r#"{"query":1}"#, "`query` must"),
            (r#"{"query":"{a}","operationName":1}"#, "`operationName` must"),
            (r#"{"query":"{a}","variables":[]}"#, "`variables` must"),
            (r#"{"query":"{a}","variables":"{}"}"#, "`variables` must"),
            (r#"{"query":"{a}","extensions":"x"}"#, "`extensions` must"),
        ] {
            let message = refused(body, 0).unwrap();
            assert!(message.contains(word), "{body}: {message}");
        }
        assert!(Asked::from_body(b"{\"query\":\"\xff\"}", 0).is_err());
        assert!(Asked::from_body("[".repeat(100_000).as_bytes(), 10).is_err());
    }

    #[test]
    fn batches_are_counted() {
        assert!(refused(r#"[{"query":"{a}"}]"#, 0).unwrap().contains("not enabled"));
        assert!(refused("[]", 2).unwrap().contains("empty"));
        assert_eq!(refused(r#"[{"query":"{a}"},{"query":"{a}"}]"#, 2), None);
        assert!(
            refused(r#"[{"query":"{a}"},{"query":"{a}"},{"query":"{a}"}]"#, 2).unwrap().contains("at most 2")
        );
        assert!(refused(r#"[[{"query":"{a}"}]]"#, 2).unwrap().contains("Each item"));
    }
}
