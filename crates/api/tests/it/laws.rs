//! Conventions of the API as tests: each says what breaks it, and the mend.

use std::{fs, path::Path};

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

/// Root fields that need no permission, each with its reason.
const OPEN: [&str; 18] = [
    // The account that is asked about: any member or key may see its name.
    "account",
    // Makes an account of one's own.
    "accountCreate",
    // Spends a token that only the owner of an address can have.
    "emailVerify",
    // Spends a token that only the reader of an invited address can have.
    "inviteAccept",
    // Shows what that token is for.
    "invitePreview",
    // Ends one's own membership only.
    "memberLeave",
    // Checks the permission of the kind that it finds.
    "node",
    // The same for each of them.
    "nodes",
    // One's own password, for whoever knows it.
    "passwordChange",
    // Spends a token that only the owner of an address can have.
    "passwordReset",
    // Sends that token, and answers the same whatever the address.
    "passwordResetRequest",
    // What users are called and how they log in: themselves only.
    "profileUpdate",
    // Logs in.
    "sessionCreate",
    // Logs out: one's own sessions only.
    "sessionDelete",
    // The same for all but the one of the request.
    "sessionsDeleteOthers",
    // What verifies statements: no secret, and published over HTTP too.
    "statementKeys",
    // Registers strangers, if the instance lets them in.
    "userRegister",
    // Who is asking; null for nobody.
    "viewer",
];

fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(api::graphql::sdl()).unwrap();
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    types.collect()
}

fn fields(kind: &TypeKind) -> Vec<&FieldDefinition> {
    match kind {
        TypeKind::Object(object) => object.fields.iter().map(|field| &field.node).collect(),
        TypeKind::Interface(interface) => interface.fields.iter().map(|field| &field.node).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_root_field_needs_a_permission() {
    let types = types();
    let roots =
        types.iter().filter(|of| ["Query", "Mutation", "Subscription"].contains(&of.name.node.as_str()));
    let mut bare: Vec<&str> = roots
        .flat_map(|root| fields(&root.kind))
        .filter(|field| {
            !field
                .directives
                .iter()
                .any(|directive| ["needs", "operators"].contains(&directive.node.name.node.as_str()))
        })
        .map(|field| field.name.node.as_str())
        .collect();
    bare.sort_unstable();
    let strays: Vec<_> = bare.iter().filter(|field| !OPEN.contains(field)).collect();
    assert!(strays.is_empty(), "{strays:?} carry no @needs: guard them, or name field and reason in OPEN");
    let guarded: Vec<_> = OPEN.iter().filter(|field| !bare.contains(field)).collect();
    assert!(guarded.is_empty(), "OPEN names {guarded:?}, which are guarded or gone");
}

#[test]
fn what_the_schema_declares_is_what_the_guard_enforces() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let code: String = text.split_whitespace().collect();
        for (at, found) in code.match_indices("directive=needs::apply(") {
            let permission = code[at + found.len()..].split(')').next().unwrap_or_default();
            let attribute = code[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains(&format!("guard=\"Needs({permission})\"")) {
                wrong.push(format!("{path}: {permission}"));
            }
        }
        for (at, _) in code.match_indices("directive=operators::apply()") {
            let attribute = code[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains("guard=\"Operates\"") {
                wrong.push(format!("{path}: operators"));
            }
        }
        let guards = code.matches("guard=\"Needs(").count();
        let declared = code.matches("directive=needs::apply(").count();
        if guards != declared {
            wrong.push(format!("{path}: {guards} guards, {declared} directives"));
        }
    }
    assert!(
        wrong.is_empty(),
        "give the directive `needs` and the guard `Needs` the same permission:\n{wrong:#?}"
    );
}

/// Types of async-graphql that come without a description.
const BORROWED: [&str; 1] = ["Decimal"];

#[test]
fn everything_in_the_schema_is_described() {
    let mut bare = Vec::new();
    for of in types().into_iter().filter(|of| !BORROWED.contains(&of.name.node.as_str())) {
        let name = of.name.node.to_string();
        let mut need = |what: String, is_described: bool| {
            if !is_described {
                bare.push(what);
            }
        };
        need(name.clone(), of.description.is_some());
        for field in fields(&of.kind) {
            need(format!("{name}.{}", field.name.node), field.description.is_some());
            for argument in &field.arguments {
                let path = format!("{name}.{}({})", field.name.node, argument.node.name.node);
                need(path, argument.node.description.is_some());
            }
        }
        match &of.kind {
            TypeKind::Enum(values) => values.values.iter().for_each(|value| {
                need(format!("{name}.{}", value.node.value.node), value.node.description.is_some());
            }),
            TypeKind::InputObject(input) => input.fields.iter().for_each(|field| {
                need(format!("{name}.{}", field.node.name.node), field.node.description.is_some());
            }),
            _ => {}
        }
    }
    assert!(bare.is_empty(), "write a doc comment (or `desc` for an argument) for:\n{}", bare.join("\n"));
}

#[test]
fn only_two_files_name_the_error_of_async_graphql() {
    let allowed = ["graphql/error.rs", "graphql/guard.rs"];
    let mut wrong = Vec::new();
    for (path, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let code: String = text.split_whitespace().collect();
        let inside = |start: usize| code[start..].split(['}', ';']).next().unwrap_or_default().to_owned();
        let grouped = code.match_indices("async_graphql::{").any(|(at, found)| {
            inside(at + found.len()).split(',').any(|name| ["Error", "Result"].contains(&name))
        });
        let direct = ["async_graphql::Error", "async_graphql::Result"]
            .iter()
            .flat_map(|name| code.match_indices(name))
            .any(|(at, name)| !code[at + name.len()..].starts_with(|c: char| c.is_alphanumeric()));
        if (grouped || direct) && !allowed.iter().any(|file| path.ends_with(file)) {
            wrong.push(path);
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong:?}: `?` on anything with Display would show its text to the client; answer ApiError instead"
    );
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}
