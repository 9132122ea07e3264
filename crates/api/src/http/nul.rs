//! Refuses U+0000, which GraphQL and JSON can write in a string and PostgreSQL cannot store in any text.

use async_graphql::{Value, Variables};

use super::refusal::Refusal;

/// Passes what has no U+0000 in it, neither in the document nor in a variable.
pub(crate) fn check(document: &str, variables: &Variables) -> Result<(), Refusal> {
    if is_in_document(document) || variables.values().any(is_in) {
        return Err(Refusal::document("BAD_USER_INPUT", "The character U+0000 is not allowed."));
    }
    Ok(())
}

/// As itself or as an escape. In a comment or a block string the escape means nothing, and nobody misses it.
fn is_in_document(document: &str) -> bool {
    let mut rest = document;
    while let Some(at) = rest.find(['\0', '\\']) {
        let found = &rest[at..];
        let is_escape = found.starts_with("\\u0000")
            || found
                .strip_prefix("\\u{")
                .is_some_and(|digits| digits.trim_start_matches('0').starts_with('}'));
        if found.starts_with('\0') || is_escape {
            return true;
        }
        // What follows a backslash is escaped by it, another backslash included.
        let escaped = found.chars().nth(1).map_or(0, char::len_utf8);
        rest = &found[1 + escaped..];
    }
    false
}

/// The nesting is that of JSON, which its parser bounds.
fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Enum(name) => name.contains('\0'),
        Value::List(items) => items.iter().any(is_in),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || is_in(value)),
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_found_wherever_it_can_be_written() {
        for (document, refused) in [
            ("{a(x: \"\\u0000\")}", true),
            ("{a(x: \"b\\\\\\u0000\")}", true),
            ("{a(x: \"\\u{0}\")}", true),
            ("{a(x: \"\\u{000}\")}", true),
            ("{a(x: \"\0\")}", true),
            ("{a(x: \"\\\\u0000\")}", false),
            ("{a(x: \"\\u00001\")}", true),
            ("{a(x: \"\\u0001 \\n \\u{10}\")}", false),
            ("{a(x: \"\\", false),
            ("{a(x: \"\\ü\")}", false),
        ] {
            assert_eq!(check(document, &Variables::default()).is_err(), refused, "{document:?}");
        }
        for (variables, refused) in [
            (json!({ "a": "\u{0}" }), true),
            (json!({ "a": [{ "b": ["c\u{0}"] }] }), true),
            (json!({ "a": [{ "b\u{0}": 1 }] }), true),
            (json!({ "a": ["\\u0000", 0, null, true] }), false),
        ] {
            let variables = Variables::from_json(variables);
            assert_eq!(check("{a}", &variables).is_err(), refused, "{variables:?}");
        }
    }
}
