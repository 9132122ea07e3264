//! Conventions of the whole workspace as tests: each says what breaks it, and the mend.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use ids::IdSource;
use jobs::{EmailRenderer, Outside};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below `folder` with this extension: its path from the root, and its text.
fn files(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

fn sources() -> Vec<(String, String)> {
    let mut sources = files(&root().join("crates"), "rs");
    sources.extend(files(&root().join("jobs"), "rs"));
    sources
}

/// The names in `text` that stand between `before` and one of `ends`, if they are written like variables.
fn names<'a>(text: &'a str, before: &str, ends: &'static [char]) -> impl Iterator<Item = String> + 'a {
    let starts: Vec<usize> = text.match_indices(before).map(|(at, found)| at + found.len()).collect();
    let is_name = |name: &&str| {
        name.len() > 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    starts.into_iter().filter_map(move |at| text[at..].split(ends).next()).filter(is_name).map(str::to_owned)
}

#[test]
fn every_key_of_the_sample_is_read_and_every_key_that_is_read_is_in_the_sample() {
    let mut read = BTreeSet::new();
    for (path, text) in sources() {
        let is_product = path.contains("/src/") && !path.contains("xtask") && !path.contains("test_support");
        for function in ["var", "required_var", "var_parsed", "list"].iter().filter(|_| is_product) {
            for call in [format!("env::{function}(\""), format!("env::{function}::<SocketAddr>(\"")] {
                read.extend(names(&text, &call, &['"']));
            }
        }
        // Helpers that are handed a key, or a prefix of two.
        read.extend(names(&text, "bind_near(\"", &['"']).filter(|_| is_product));
        for prefix in names(&text, "budget(\"", &['"']) {
            read.extend(["CAPACITY", "PER_SECOND"].map(|suffix| format!("{prefix}_{suffix}")));
        }
    }
    read.insert("RUST_LOG".to_owned());
    let compose = fs::read_to_string(root().join("docker-compose.yml")).unwrap();
    read.extend(names(&compose, "${", &[':', '}']));
    let sample = fs::read_to_string(root().join(".env.sample")).unwrap();
    let lines = sample.lines().filter_map(|line| line.trim_start_matches("# ").split_once('='));
    let is_name =
        |name: &str| name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let sampled: BTreeSet<String> =
        lines.map(|(name, _)| name.to_owned()).filter(|name| is_name(name)).collect();
    assert!(read.len() > 20, "the law finds no keys any more: {read:?}");
    let missing: Vec<_> = read.difference(&sampled).collect();
    let unread: Vec<_> = sampled.difference(&read).collect();
    assert!(missing.is_empty(), "explain these keys in .env.sample: {missing:?}");
    assert!(unread.is_empty(), "nothing reads these keys of .env.sample: {unread:?}");
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let is_generated = |text: &str| text.starts_with("// @generated");
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > 400 && !is_generated(text))
        .map(|(path, text)| format!("{path}: {}", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these files along what they are about: {long:?}");
}

#[test]
fn nothing_is_left_undone_without_a_number() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    let undone: Vec<_> = sources()
        .into_iter()
        .flat_map(|(path, text)| {
            let lines = text.lines().filter(|line| marks.iter().any(|mark| line.contains(mark.as_str())));
            lines.filter(|line| !line.contains('#')).map(|line| format!("{path}: {line}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(undone.is_empty(), "name the issue, or do it: {undone:#?}");
}

#[tokio::test]
async fn every_kind_of_job_has_a_handler() {
    let config = domain::db::DbConfig::for_testing("postgres://localhost/never-connected");
    let db = domain::db::Db::new(&config).unwrap();
    let clock = domain::clock::Clock::fixed("2026-03-02T09:00:00Z".parse().unwrap());
    let mailer =
        mailer::Mailer::from_config(mailer::MailerConfig::for_testing(&mailer::Outbox::default())).unwrap();
    let secrets: domain::users::Secrets =
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".parse().unwrap();
    let renderer = EmailRenderer::new(mailer, secrets, "http://localhost");
    let registry = jobs::handlers(&db, &clock, &IdSource::seeded(1), Outside::of(renderer));
    let sources = sources();
    let mut declared: Vec<String> = sources
        .iter()
        .filter(|(path, _)| path.contains("/src/"))
        .flat_map(|(_, text)| {
            text.split("const KIND: &'static str = \"").skip(1).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect();
    declared.sort();
    assert_eq!(
        registry.kinds(),
        declared,
        "jobs/src/handlers.rs registers other kinds than `Job::KIND` names"
    );
    for kind in declared {
        assert!(kind.split_once('.').is_some(), "{kind}: a kind is `<concept>.<verb>`");
    }
}
