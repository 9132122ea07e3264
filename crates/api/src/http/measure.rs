//! What a parsed document would make the server do, counted without expanding it.
//!
//! Validation and execution follow every fragment spread, so 24 fragments that each spread the next one twice are
//! sixteen million selections in 800 bytes. Here each fragment is measured once and its figures are added where it is
//! spread; the walk recurses only into nested selections, which the lexer's cap bounds.

use std::{collections::HashMap, convert::Infallible};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value as QueryValue;

use super::fragments::{FragmentCycle, fragments_leaves_first};
use crate::graphql::limits::{BATCHES, DEFAULT_PAGE, LISTS};

/// The figures of a selection set with all fragments expanded. They saturate instead of overflowing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Fields, spreads and inline fragments.
    pub(crate) selections: u64,
    pub(crate) aliases: u64,
    /// Fields at this very level.
    pub(crate) fields: u64,
    pub(crate) depth: u64,
    pub(crate) introspection_depth: u64,
    /// Points that count once.
    plain: u64,
    /// Points under `nodes` and `edges`, which count once per item of the page above.
    per_item: u64,
}

impl Measure {
    /// Points of the whole set.
    pub(crate) fn cost(self) -> u64 {
        self.plain.saturating_add(self.per_item)
    }

    fn add(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            fields: self.fields.saturating_add(other.fields),
            depth: self.depth.max(other.depth),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            plain: self.plain.saturating_add(other.plain),
            per_item: self.per_item.saturating_add(other.per_item),
        }
    }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Measures the operations of one document.
pub(crate) struct Meter<'a> {
    variables: &'a Variables,
    /// The operation that will run: the one whose variable defaults count.
    chosen: &'a OperationDefinition,
    fragments: HashMap<&'a str, Measure>,
    /// Items of the lists in each variable, counted once however often it is used.
    items: HashMap<&'a str, u64>,
}

impl<'a> Meter<'a> {
    /// Measures every fragment, also those that nothing spreads: validation visits them too.
    pub(crate) fn new(
        fragments: &'a Fragments,
        chosen: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Result<Self, FragmentCycle> {
        let defaults = chosen.variable_definitions.iter().filter_map(|definition| {
            Some((definition.node.name.node.as_str(), definition.node.default_value()?))
        });
        let given = variables.iter().map(|(name, value)| (name.as_str(), value));
        let items = defaults.chain(given).map(|(name, value)| (name, items_of_constant(value))).collect();
        let mut meter = Self { variables, chosen, fragments: HashMap::with_capacity(fragments.len()), items };
        for (name, fragment) in fragments_leaves_first(fragments)? {
            let measure = meter.selection_set(&fragment.node.selection_set.node);
            meter.fragments.insert(name, measure);
        }
        Ok(meter)
    }

    /// The figures of one operation.
    pub(crate) fn operation(&self, operation: &OperationDefinition) -> Measure {
        self.selection_set(&operation.selection_set.node)
    }

    fn selection_set(&self, set: &SelectionSet) -> Measure {
        set.items.iter().fold(Measure::default(), |sum, selection| {
            sum.add(match &selection.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(inline) => {
                    one_more(self.selection_set(&inline.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => one_more(
                    self.fragments.get(spread.node.fragment_name.node.as_str()).copied().unwrap_or_default(),
                ),
            })
        })
    }

    fn field(&self, field: &Field) -> Measure {
        let inner = self.selection_set(&field.selection_set.node);
        let name = field.name.node.as_str();
        let cost = self.points(field, inner).saturating_add(self.items(field)).saturating_add(1);
        let is_item = matches!(name, "nodes" | "edges");
        let is_introspection = matches!(name, "__schema" | "__type");
        let below =
            1 + if is_introspection { inner.depth.max(inner.introspection_depth) } else { inner.depth };
        Measure {
            selections: inner.selections.saturating_add(1),
            aliases: inner.aliases.saturating_add(u64::from(field.alias.is_some())),
            fields: 1,
            depth: if is_introspection { 0 } else { below },
            introspection_depth: if is_introspection { below } else { inner.introspection_depth },
            plain: if is_item { 0 } else { cost },
            per_item: if is_item { cost } else { 0 },
        }
    }

    fn points(&self, field: &Field, inner: Measure) -> u64 {
        if let Some(length) = BATCHES.iter().find_map(|name| self.length(field, name)) {
            return inner.cost().saturating_mul(length);
        }
        let page = ["first", "last"].iter().find_map(|name| match self.argument(field, name)? {
            Value::Number(number) => Some(number.as_u64().unwrap_or(1).max(1)),
            _ => None,
        });
        let list = LISTS.iter().find(|(name, _)| *name == field.name.node.as_str());
        if let Some((_, usual)) = list.filter(|_| inner.per_item == 0) {
            return inner.cost().saturating_mul(page.unwrap_or(*usual));
        }
        inner.plain.saturating_add(inner.per_item.saturating_mul(page.unwrap_or(DEFAULT_PAGE)))
    }

    /// A point for each item of the lists in the arguments, at any depth: each is work.
    fn items(&self, field: &Field) -> u64 {
        let values = field.arguments.iter().map(|(_, value)| self.items_of(&value.node));
        values.fold(0, u64::saturating_add)
    }

    fn items_of(&self, value: &QueryValue) -> u64 {
        match value {
            QueryValue::Variable(name) => self.items.get(name.as_str()).copied().unwrap_or_default(),
            QueryValue::List(items) => {
                items.iter().fold(items.len() as u64, |sum, item| sum.saturating_add(self.items_of(item)))
            }
            QueryValue::Object(fields) => {
                fields.values().map(|value| self.items_of(value)).fold(0, u64::saturating_add)
            }
            _ => 0,
        }
    }

    /// How many items a list argument has.
    fn length(&self, field: &Field, name: &str) -> Option<u64> {
        match &field.get_argument(name)?.node {
            QueryValue::List(items) => Some(items.len() as u64),
            QueryValue::Variable(name) => match self.variable(name)? {
                Value::List(items) => Some(items.len() as u64),
                _ => None,
            },
            _ => None,
        }
    }

    /// An argument's value, with variables and their defaults filled in.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        value
            .into_const_with(|name| Ok::<_, Infallible>(self.variable(&name).cloned().unwrap_or_default()))
            .ok()
    }

    fn variable(&self, name: &Name) -> Option<&Value> {
        self.variables.get(name).or_else(|| {
            let definitions = &self.chosen.variable_definitions;
            let definition = definitions.iter().find(|definition| &definition.node.name.node == name)?;
            definition.node.default_value()
        })
    }
}

fn items_of_constant(value: &Value) -> u64 {
    match value {
        Value::List(items) => {
            items.iter().map(items_of_constant).fold(items.len() as u64, u64::saturating_add)
        }
        Value::Object(fields) => fields.values().map(items_of_constant).fold(0, u64::saturating_add),
        _ => 0,
    }
}

fn one_more(measure: Measure) -> Measure {
    Measure { selections: measure.selections.saturating_add(1), ..measure }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::*;

    fn measure_with(query: &str, variables: serde_json::Value) -> Measure {
        let document = parse_query(query).unwrap();
        let DocumentOperations::Single(operation) = &document.operations else { panic!("one operation") };
        let variables = Variables::from_json(variables);
        Meter::new(&document.fragments, &operation.node, &variables).unwrap().operation(&operation.node)
    }

    fn measure(query: &str) -> Measure {
        measure_with(query, json!({}))
    }

    fn named(query: &str, variables: serde_json::Value) -> u64 {
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let variables = Variables::from_json(variables);
        Meter::new(&document.fragments, &operation.node, &variables)
            .unwrap()
            .operation(&operation.node)
            .cost()
    }

    #[test]
    fn a_point_per_field_and_items_once_per_item_of_the_page() {
        for (query, cost) in [
            ("{a}", 1),
            ("{a b{c d}}", 4),
            ("{a{nodes{b c}}}", 1 + 25 * 3),
            ("{a(first: 10){totalCount nodes{b c}}}", 1 + 1 + 10 * 3),
            ("{a(last: 4){edges{node{b}}}}", 1 + 4 * 3),
            ("{a(first: 10){nodes{b(first: 5){nodes{c}}}}}", 1 + 10 * (1 + 1 + 5 * 2)),
            ("{a(first: 10){...F}} fragment F on A{totalCount nodes{b}}", 1 + 1 + 10 * 2),
            ("{a(first: -3){nodes{b}}}", 1 + 2),
            ("{nodes(ids: [1, 2, 3]){a b}}", 1 + 3 + 3 * 2),
            ("{a(first: 18446744073709551615){nodes{b}}}", u64::MAX),
        ] {
            assert_eq!(measure(query).cost(), cost, "{query}");
        }
    }

    #[test]
    fn variables_and_their_defaults_set_the_page() {
        let query = "query($n: Int = 7){a(first: $n){nodes{b}}}";
        assert_eq!(measure_with(query, json!({"n": 3})).cost(), 1 + 3 * 2);
        assert_eq!(measure_with(query, json!({})).cost(), 1 + 7 * 2);
        assert_eq!(measure_with(query, json!({"n": null})).cost(), 1 + 25 * 2);
        assert_eq!(named("query Q($ids: [ID!]!){nodes(ids: $ids){a}}", json!({"ids": [1, 2]})), 1 + 2 + 2);
    }

    #[test]
    fn lists_that_are_no_pages_have_their_usual_length() {
        for (query, cost) in [
            ("{items{a b}}", 1 + 10 * 2),
            ("{t(first: 100){nodes{rewards{a} nonRewards{b}}}}", 1 + 100 * (1 + 6 + 6)),
            ("{rewards(first: 3){nodes{a}}}", 1 + 3 * 2),
        ] {
            assert_eq!(measure(query).cost(), cost, "{query}");
        }
    }

    #[test]
    fn every_item_of_a_list_is_counted_however_it_is_said() {
        let sale = json!({ "key": "k", "items": [{ "amount": "1" }, { "amount": "2" }] });
        let many = |n: usize| json!({ "inputs": vec![sale.clone(); n] });
        let query = "query Q($inputs: [I!]!){record(inputs: $inputs){results{transaction{id}}}}";
        assert_eq!(named(query, many(1)), 1 + 3 + 3);
        assert_eq!(named(query, many(1_000)), 1 + 3_000 + 3_000);
        for (query, cost) in [
            ("{a(inputs: [{k: [1 2]} {k: []}]){b}}", 1 + 4 + 2),
            ("{a(input: {list: [1 2 3]}){b}}", 1 + 3 + 1),
            ("query($x: [Int!] = [1 2 3]){a(input: {list: $x} more: $x)}", 1 + 6),
            ("query($x: [Int!] = [1 2 3]){a(input: {list: [$x]})}", 1 + 4),
            ("{...F} fragment F on Q{a(list: [1 2])}", 1 + 2),
        ] {
            assert_eq!(measure(query).cost(), cost, "{query}");
        }
    }

    #[test]
    fn fragments_are_counted_where_they_are_spread() {
        let measure =
            measure("{x: a{...F ...F} ...G} fragment F on A{y: b} fragment G on Q{c{d{e}} ...on Q{f}}");
        assert_eq!((measure.aliases, measure.fields, measure.depth), (3, 3, 3));
        assert_eq!(measure.selections, 1 + 2 * 2 + 1 + 3 + 2);
    }

    #[test]
    fn introspection_has_its_own_depth() {
        let measure = measure("{a{b} __schema{types{fields{name}}}}");
        assert_eq!((measure.depth, measure.introspection_depth), (2, 4));
    }

    #[test]
    fn fragments_that_double_are_counted_without_being_expanded() {
        let mut query = String::from("{...F0}");
        for n in 0..200 {
            query += &format!("fragment F{n} on Q{{...F{next} ...F{next}}}", next = n + 1);
        }
        query += "fragment F200 on Q{a}";
        assert_eq!(measure(&query).selections, u64::MAX);
    }

    #[test]
    fn a_cycle_is_named() {
        for query in
            ["{a} fragment A on Q{...A}", "{...A} fragment A on Q{b{...B}} fragment B on Q{...on Q{...A}}"]
        {
            let document = parse_query(query).unwrap();
            let cycle = fragments_leaves_first(&document.fragments).unwrap_err();
            assert!(["A", "B"].contains(&cycle.name.as_str()), "{query}");
        }
    }
}
