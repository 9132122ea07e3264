//! Takes out of a document what a variable that was not given leaves out.
//!
//! Where a nullable variable without a default is left out, the argument or input field that it stands for is left out as
//! well, and has its own default (GraphQL specification, 6.1.2 and 6.4.1). async-graphql 7.2 puts `null` there instead:
//! `first: $first` would be refused, and an update would clear what it should leave alone.

use std::collections::HashSet;

use async_graphql::{
    Name, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// The variables of the operation that were neither given nor have a default.
pub(crate) fn names(operation: &OperationDefinition, variables: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    definitions
        .filter(|definition| {
            definition.default_value.is_none() && !variables.contains_key(&definition.name.node)
        })
        .map(|definition| definition.name.node.clone())
        .collect()
}

/// Takes out arguments and input fields whose value is one of the `absent` variables, and the definitions that nothing uses
/// then. In a list such a variable is `null`, so there, and in directives, it stays.
pub(crate) fn take_out(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    if absent.is_empty() {
        return;
    }
    let mut walk = Walk { absent, kept: HashSet::new() };
    for fragment in document.fragments.values_mut() {
        walk.set(&mut fragment.node.selection_set.node);
    }
    let mut operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node).collect()
        }
    };
    for operation in &mut operations {
        walk.set(&mut operation.selection_set.node);
    }
    for operation in operations {
        operation.variable_definitions.retain(|definition| {
            let name = &definition.node.name.node;
            !absent.contains(name) || walk.kept.contains(name)
        });
    }
}

struct Walk<'a> {
    absent: &'a HashSet<Name>,
    /// Those of them that still stand somewhere.
    kept: HashSet<Name>,
}

impl Walk<'_> {
    fn set(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            for directive in selection.node.directives_mut() {
                directive.node.arguments.iter_mut().for_each(|(_, value)| self.value(&mut value.node));
            }
            match &mut selection.node {
                Selection::Field(field) => {
                    field.node.arguments.retain(|(_, value)| !self.is_absent(&value.node));
                    field.node.arguments.iter_mut().for_each(|(_, value)| self.value(&mut value.node));
                    self.set(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.set(&mut inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|_, field| !self.is_absent(field));
                fields.values_mut().for_each(|field| self.value(field));
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Variable(name) if self.absent.contains(name) => {
                self.kept.insert(name.clone());
            }
            _ => {}
        }
    }

    fn is_absent(&self, value: &Value) -> bool {
        matches!(value, Value::Variable(name) if self.absent.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Schema, parser::parse_query,
    };
    use serde_json::{Value, json};

    use super::*;

    #[derive(InputObject)]
    struct Change {
        name: MaybeUndefined<String>,
        tags: Option<Vec<Option<i32>>>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn page(&self, #[graphql(default = 25)] first: i32) -> i32 {
            first
        }

        async fn change(&self, change: Change) -> String {
            format!("{:?} {:?}", change.name, change.tags)
        }
    }

    async fn answer(query: &str, given: Value) -> Value {
        let variables = Variables::from_json(given);
        let mut document = parse_query(query).unwrap();
        let absent = {
            let (_, operation) = document.operations.iter().next().unwrap();
            names(&operation.node, &variables)
        };
        take_out(&mut document, &absent);
        let mut request = async_graphql::Request::new(query).variables(variables);
        request.set_parsed_query(document);
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let response = schema.execute(request).await;
        assert_eq!(response.errors, Vec::new(), "{query}");
        response.data.into_json().unwrap()
    }

    #[tokio::test]
    async fn what_is_left_out_has_its_own_default() {
        let page = "query ($first: Int) { page(first: $first) ...F } fragment F on Query { again: page(first: $first) }";
        assert_eq!(answer(page, json!({})).await, json!({ "page": 25, "again": 25 }));
        assert_eq!(answer(page, json!({ "first": 3 })).await, json!({ "page": 3, "again": 3 }));
        let own = "query ($first: Int = 7) { page(first: $first) }";
        assert_eq!(answer(own, json!({})).await, json!({ "page": 7 }));
    }

    #[tokio::test]
    async fn an_update_leaves_alone_what_is_left_out_and_clears_what_is_null() {
        let change = "query ($name: String, $tag: Int) { change(change: { name: $name, tags: [1, $tag] }) }";
        let said = |text: &str| json!({ "change": text });
        assert_eq!(answer(change, json!({})).await, said("Undefined Some([Some(1), None])"));
        assert_eq!(answer(change, json!({ "name": null })).await, said("Null Some([Some(1), None])"));
        let named = answer(change, json!({ "name": "a", "tag": 2 })).await;
        assert_eq!(named, said("Value(\"a\") Some([Some(1), Some(2)])"));
    }
}
