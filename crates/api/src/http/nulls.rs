//! Puts `null` where a field failed.
//!
//! async-graphql 7.2 leaves a failed field out of its object; the specification (6.4.4) wants it to be `null`, and typed
//! clients read a missing field as one that was never asked for. Every failure has its path in the errors, so that the
//! places are known. A failed field of a non-null type is `null` too, where the specification would drop its parent: the
//! rest of the answer stays of use, and the error says what is missing.

use async_graphql::{Name, PathSegment, ServerError, Value};

/// Completes `data` with a `null` at the path of every error that has none there.
pub(crate) fn complete(data: &mut Value, errors: &[ServerError]) {
    for error in errors {
        put_null(data, &error.path);
    }
}

fn put_null(value: &mut Value, path: &[PathSegment]) {
    let Some((step, rest)) = path.split_first() else { return };
    match (value, step) {
        (Value::Object(fields), PathSegment::Field(name)) => match fields.get_mut(name.as_str()) {
            Some(inner) => put_null(inner, rest),
            None => {
                fields.insert(Name::new(name), Value::Null);
            }
        },
        (Value::List(items), PathSegment::Index(index)) => {
            if let Some(inner) = items.get_mut(*index) {
                put_null(inner, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn error(path: &[PathSegment]) -> ServerError {
        ServerError { path: path.to_vec(), ..ServerError::new("failed", None) }
    }

    #[test]
    fn failed_fields_are_null_and_the_rest_stays() {
        let field = |name: &str| PathSegment::Field(name.to_owned());
        let mut data = value!({ "list": [{ "a": 1 }, { "a": 2 }], "other": true });
        complete(
            &mut data,
            &[
                error(&[field("list"), PathSegment::Index(1), field("b")]),
                error(&[field("gone"), field("deeper")]),
                error(&[field("list"), PathSegment::Index(7), field("b")]),
                error(&[]),
            ],
        );
        assert_eq!(
            data,
            value!({ "list": [{ "a": 1 }, { "a": 2, "b": null }], "other": true, "gone": null })
        );
    }
}
