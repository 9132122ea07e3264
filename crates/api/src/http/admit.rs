//! The way of a document from text to something that may be executed: lexer, parser, measure, limits.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    Name, Request, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection},
};

use super::{
    absent, documents,
    fragments::FragmentCycle,
    lexer::{self, LexicalError},
    measure::{Measure, Meter},
    nul,
    params::Params,
    refusal::Refusal,
};
use crate::graphql::limits::{AUTHENTICATION_MUTATIONS, Limits};

/// An operation within all limits, parsed and ready to run.
pub(crate) struct Admitted {
    pub(crate) request: Request,
    pub(crate) kind: OperationType,
    /// Points (see [`Limits`]).
    pub(crate) cost: u64,
    /// Whether a root field logs in or spends a token.
    pub(crate) authenticates: bool,
}

/// Parses and measures a document; nothing of it has run when it is refused.
pub(crate) fn admit(params: Params, limits: &Limits) -> Result<Admitted, Refusal> {
    lexer::check(&params.query, limits.tokens, limits.nesting)?;
    nul::check(&params.query, &params.variables)?;
    let document = documents::parsed(&params.query).map_err(|error| syntax_error(&error))?;
    let operation = chosen(&document, params.operation_name.as_deref())?;
    require_variables(operation, &params.variables)?;
    let meter = Meter::new(&document.fragments, operation, &params.variables)?;
    let mut selections = 0_u64;
    for (_, each) in document.operations.iter() {
        let measure = meter.operation(&each.node);
        selections = selections.saturating_add(measure.selections);
        within(limits, measure)?;
    }
    at_most("selections, fragments expanded", selections, limits.selections)?;
    let measure = meter.operation(operation);
    if operation.ty == OperationType::Subscription && measure.fields != 1 {
        let message = "A subscription has one root field.";
        return Err(Refusal::document("GRAPHQL_VALIDATION_FAILED", message));
    }
    let cost = measure.cost();
    if cost > limits.cost {
        let message = format!("The operation costs {cost} points; at most {} are allowed.", limits.cost);
        return Err(Refusal::document("COST_LIMIT_EXCEEDED", message));
    }
    let (kind, authenticates) = (operation.ty, authenticates(operation, &document));
    let left_out = absent::names(operation, &params.variables);
    let defined = operation.variable_definitions.iter().map(|definition| definition.node.name.node.clone());
    let defined: HashSet<Name> = defined.collect();
    // The kept document stays as it was sent: other requests bring other variables.
    let mut document = Arc::unwrap_or_clone(document);
    absent::take_out(&mut document, &left_out);
    let mut variables = params.variables;
    // What nothing can use is not kept while the operation runs.
    variables.retain(|name, _| defined.contains(name));
    let mut request = Request::new(params.query).variables(variables);
    request.operation_name = params.operation_name;
    request.set_parsed_query(document);
    Ok(Admitted { request, kind, cost, authenticates })
}

fn within(limits: &Limits, measure: Measure) -> Result<(), Refusal> {
    at_most("aliases", measure.aliases, limits.aliases)?;
    at_most("root fields", measure.fields, limits.root_fields)?;
    at_most("levels of fields", measure.depth, limits.depth)?;
    if !limits.introspection && measure.introspection_depth > 0 {
        return Err(Refusal::document("GRAPHQL_VALIDATION_FAILED", "Introspection is turned off."));
    }
    at_most("levels of introspection", measure.introspection_depth, limits.introspection_depth)
}

fn at_most(what: &str, count: u64, limit: u64) -> Result<(), Refusal> {
    if count <= limit {
        return Ok(());
    }
    Err(Refusal::document("QUERY_TOO_LARGE", format!("At most {limit} {what} are allowed.")))
}

fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, Refusal> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        _ => None,
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(_) => "The document has no operation of the name in `operationName`.",
            None => "The document has several operations: name one in `operationName`.",
        };
        Refusal::document("GRAPHQL_VALIDATION_FAILED", message)
    })
}

/// What must be given and is not: async-graphql notices that only where a field uses it.
fn require_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let (name, kind) = (&definition.node.name.node, &definition.node.var_type.node);
        let is_given = match variables.get(name) {
            Some(value) => *value != Value::Null,
            None => definition.node.default_value.is_some(),
        };
        if !kind.nullable && !is_given {
            let message = format!("Variable \"${name}\" of type {kind} must be given.");
            return Err(Refusal::document("BAD_USER_INPUT", message).at(definition.pos));
        }
    }
    Ok(())
}

/// Looks at the root fields, also through fragments (each once, so that it stays linear).
fn authenticates(operation: &OperationDefinition, document: &ExecutableDocument) -> bool {
    if operation.ty != OperationType::Mutation {
        return false;
    }
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<_> = fragments.chain([&operation.selection_set.node]).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field)
                    if AUTHENTICATION_MUTATIONS.contains(&field.node.name.node.as_str()) =>
                {
                    return true;
                }
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::Field(_) | Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
}

impl From<LexicalError> for Refusal {
    fn from(error: LexicalError) -> Self {
        let too_large = |message: String| Self::document("QUERY_TOO_LARGE", message);
        match error {
            LexicalError::TooManyTokens { limit } => {
                too_large(format!("At most {limit} tokens are allowed."))
            }
            LexicalError::TooNested { limit, at } => {
                too_large(format!("At most {limit} brackets may be open at once.")).at(at)
            }
            LexicalError::LongName { at } => too_large("A name is too long.".to_owned()).at(at),
            LexicalError::UnterminatedString { at } => {
                Self::document("GRAPHQL_PARSE_FAILED", "Syntax error: a string does not end.").at(at)
            }
        }
    }
}

impl From<FragmentCycle> for Refusal {
    fn from(cycle: FragmentCycle) -> Self {
        let message = format!("Fragment \"{}\" spreads itself.", cycle.name);
        Self::document("GRAPHQL_VALIDATION_FAILED", message).at(cycle.at)
    }
}

/// The parser's message quotes the line, which may be all of the document: only its last line, what was expected, is
/// passed on.
fn syntax_error(error: &async_graphql::parser::Error) -> Refusal {
    let text = error.to_string();
    let expected = text.lines().last().unwrap_or_default().trim_start_matches([' ', '=']);
    let refusal = Refusal::document("GRAPHQL_PARSE_FAILED", format!("Syntax error: {expected}"));
    match error.positions().next() {
        Some(at) => refusal.at(at),
        None => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(query: &str) -> Result<Admitted, Refusal> {
        let params =
            Params { query: query.to_owned(), operation_name: None, variables: Variables::default() };
        admit(params, &Limits::default())
    }

    fn code(query: &str) -> &'static str {
        admitted(query).err().map_or("admitted", |refusal| refusal.code)
    }

    #[test]
    fn each_limit_is_inclusive() {
        let fields = |n: usize| (0..n).map(|i| format!("f{i} ")).collect::<String>();
        let aliases = |n: usize| (0..n).map(|i| format!("a{i}: f ")).collect::<String>();
        let deep = |n: usize| format!("{}a{}", "{a".repeat(n - 1) + "{", "}".repeat(n));
        let spreads = |n: usize| format!("{{{}}} fragment F on Q{{a{{b{{c}}}}}}", "...F ".repeat(n));
        for (good, bad) in [
            (format!("{{{}}}", fields(10)), format!("{{{}}}", fields(11))),
            (format!("{{x{{{}}}}}", aliases(30)), format!("{{x{{{}}}}}", aliases(31))),
            (deep(12), deep(13)),
            (spreads(10), spreads(11)),
            (format!("{{x{{{}}}}}", fields(1_995)), format!("{{x{{{}}}}}", fields(1_996))),
        ] {
            assert_eq!((code(&good), code(&bad)), ("admitted", "QUERY_TOO_LARGE"), "{bad}");
        }
        assert_eq!(code("{a(first: 9000){nodes{b}}}"), "COST_LIMIT_EXCEEDED");
    }

    #[test]
    fn the_parser_survives_the_deepest_nesting_that_the_lexer_passes() {
        for (open, close) in [("[", "]"), ("{a:", "}")] {
            let value = format!("{{a(x:{}1{})}}", open.repeat(62), close.repeat(62));
            assert_eq!(code(&value), "admitted");
            assert_eq!(
                code(&format!("query($x:Int={}1{}){{a}}", open.repeat(63), close.repeat(63))),
                "admitted"
            );
            assert_eq!(code(&value[..value.len() - 30]), "GRAPHQL_PARSE_FAILED");
        }
        assert_eq!(code(&format!("query($x:{}I{}){{a}}", "[".repeat(63), "]".repeat(63))), "admitted");
        assert_eq!(code(&format!("{}a{}", "{a".repeat(63) + "{", "}".repeat(64))), "QUERY_TOO_LARGE");
    }

    #[test]
    fn one_operation_is_chosen() {
        assert_eq!(code("query A{a} mutation B{b}"), "GRAPHQL_VALIDATION_FAILED");
        let params = Params {
            query: "query A{a} mutation B{b{c}}".to_owned(),
            operation_name: Some("B".to_owned()),
            variables: Variables::default(),
        };
        let admitted = admit(params, &Limits::default()).ok().unwrap();
        assert_eq!((admitted.kind, admitted.cost), (OperationType::Mutation, 2));
    }

    #[test]
    fn variables_that_nothing_can_use_are_not_kept() {
        let params = Params {
            query: "query($a: Int){b(c: $a)}".to_owned(),
            operation_name: None,
            variables: Variables::from_json(serde_json::json!({ "a": 1, "z": [0, 0] })),
        };
        let kept = admit(params, &Limits::default()).ok().unwrap().request.variables;
        assert_eq!(kept.keys().map(Name::as_str).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn logging_in_is_seen_through_fragments() {
        let sees = |query: &str| admitted(query).ok().unwrap().authenticates;
        assert!(sees("mutation{x: sessionCreate{id}}"));
        assert!(sees("mutation{...F} fragment F on M{...on M{sessionCreate{id}}}"));
        assert!(!sees("mutation{programCreate{id}}"));
        assert!(!sees("{sessionCreate}"));
    }

    #[test]
    fn a_syntax_error_says_where_and_what_without_quoting() {
        let refusal = admitted("{\n  secret(x: 1 }").err().unwrap();
        assert_eq!(refusal.code, "GRAPHQL_PARSE_FAILED");
        assert_eq!(refusal.at.unwrap().line, 2);
        assert!(
            refusal.message.starts_with("Syntax error: expected ") && !refusal.message.contains("secret")
        );
    }
}
