//! Reading one JSON object field by field, noting every problem instead of stopping at the first.

use std::str::FromStr;

use serde_json::{Map, Value as Json};

use super::{
    problem::{RuleFault, RuleProblem},
    vocabulary::Word,
};

/// An object under reading. A reader that answers `None` has noted why.
pub(super) struct Fields<'json, 'notes> {
    object: &'json Map<String, Json>,
    path: Vec<String>,
    problems: &'notes mut Vec<RuleProblem>,
}

impl<'json, 'notes> Fields<'json, 'notes> {
    /// Opens the object at the path, and notes each field of it that is none or not yet one. A `null` is no field.
    pub(super) fn open(
        json: &'json Json,
        path: Vec<String>,
        (known, later): (&[&str], &[&str]),
        problems: &'notes mut Vec<RuleProblem>,
    ) -> Option<Self> {
        let Json::Object(object) = json else {
            problems.push(RuleProblem { path, fault: RuleFault::Malformed { expected: "an object" } });
            return None;
        };
        let mut fields = Self { object, path, problems };
        for (name, value) in object {
            if value.is_null() || known.contains(&name.as_str()) {
                continue;
            }
            let not_yet = later.contains(&name.as_str());
            let what = name.clone();
            fields.note(name, if not_yet { RuleFault::NotYet { what } } else { RuleFault::UnknownField });
        }
        Some(fields)
    }

    /// Notes a problem of a field.
    pub(super) fn note(&mut self, name: &str, fault: RuleFault) {
        self.problems.push(RuleProblem { path: self.path_of(name), fault });
    }

    /// Whether the field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Opens the object in a field, if it is there.
    pub(super) fn inner(&mut self, name: &str, names: (&[&str], &[&str])) -> Option<Fields<'json, '_>> {
        let json = self.get(name)?;
        let path = self.path_of(name);
        Fields::open(json, path, names, self.problems)
    }

    /// A text that must be there and of the form in words.
    pub(super) fn text<T: FromStr>(&mut self, name: &str, expected: &'static str) -> Option<T> {
        let json = self.required(name)?;
        let parsed = json.as_str().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.note(name, RuleFault::Malformed { expected });
        }
        parsed
    }

    /// A word that must be there.
    pub(super) fn word<W: Word>(&mut self, name: &str) -> Option<W> {
        let json = self.required(name)?;
        self.word_of(name, json)
    }

    /// A word, or the default if the field is not there.
    pub(super) fn word_or<W: Word>(&mut self, name: &str, default: W) -> Option<W> {
        match self.get(name) {
            Some(json) => self.word_of(name, json),
            None => Some(default),
        }
    }

    /// A whole number of 32 bits, or the default if the field is not there.
    pub(super) fn integer_or(&mut self, name: &str, default: i32) -> Option<i32> {
        let Some(json) = self.get(name) else {
            return Some(default);
        };
        let integer = json.as_i64().and_then(|integer| i32::try_from(integer).ok());
        if integer.is_none() {
            self.note(name, RuleFault::Malformed { expected: "a whole number of at most 32 bits" });
        }
        integer
    }

    fn word_of<W: Word>(&mut self, name: &str, json: &Json) -> Option<W> {
        let found = json.as_str().and_then(W::parse);
        if found.is_none() {
            let later = json.as_str().filter(|word| W::LATER.contains(word));
            let words = || W::EXISTING.iter().map(|word| word.word()).collect();
            let fault = match later {
                Some(word) => RuleFault::NotYet { what: word.to_owned() },
                None => RuleFault::NotAWord { words: words() },
            };
            self.note(name, fault);
        }
        found
    }

    fn required(&mut self, name: &str) -> Option<&'json Json> {
        let json = self.get(name);
        if json.is_none() {
            self.note(name, RuleFault::Missing);
        }
        json
    }

    fn get(&self, name: &str) -> Option<&'json Json> {
        self.object.get(name).filter(|json| !json.is_null())
    }

    fn path_of(&self, name: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        path
    }
}
