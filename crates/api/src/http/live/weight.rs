use async_graphql::{Request, Value};

/// What a name or a number of a document counts, in bytes: it becomes a field, an argument or a value with a position.
const WORD: usize = 256;

/// About how many bytes a subscription keeps while it is open: its text and its variables, as long as it runs and once more to
/// begin again with, and its parsed document. Texts say little: `[0,0,0]` takes 36 times the memory of its JSON.
pub(super) fn of(request: &Request) -> usize {
    let words = request.query.split(|c: char| !c.is_alphanumeric() && c != '_');
    let document = words.filter(|word| !word.is_empty()).count().saturating_mul(WORD);
    let variables = request.variables.iter().map(|(name, value)| entry(name) + of_value(value));
    2 * (request.query.len() + variables.sum::<usize>()) + document
}

fn entry(name: &str) -> usize {
    2 * size_of::<usize>() + name.len()
}

fn of_value(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Enum(name) => name.len(),
        Value::Binary(bytes) => bytes.len(),
        Value::List(items) => items.iter().map(of_value).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| entry(name) + of_value(value)).sum(),
        Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
    };
    size_of::<Value>() + inside
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_text_that_becomes_much_weighs_much() {
        let of = |query: &str, variables| {
            super::of(&Request::new(query).variables(Variables::from_json(variables)))
        };
        let usual =
            of("subscription ($ids: [ID!]) { events(programIds: $ids) { cursor } }", json!({ "ids": ["p"] }));
        assert!((1_000..8_000).contains(&usual), "{usual}");
        let zeros = of("{ a }", json!({ "x": vec![0; 10_000] }));
        assert!(zeros >= 2 * 10_000 * size_of::<Value>(), "{zeros}");
        assert!(of(&"a ".repeat(1_000), json!({})) > 1_000 * WORD);
    }
}
