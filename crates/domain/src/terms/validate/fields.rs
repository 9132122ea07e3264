//! Reading one JSON object field by field, noting every problem instead of stopping at the first.

use std::{ops::RangeInclusive, str::FromStr};

use serde_json::{Map, Value as Json};

use crate::terms::{
    problem::{RuleFault, RuleProblem},
    vocabulary::Word,
};

/// An object under reading. A reader that answers `None` has noted why.
pub(super) struct Fields<'json, 'notes> {
    object: &'json Map<String, Json>,
    path: Vec<String>,
    problems: &'notes mut Vec<RuleProblem>,
}

/// One member of a list under reading: what it is and where it stands.
pub(super) type Member<'json> = (&'json Json, Vec<String>);

impl<'json, 'notes> Fields<'json, 'notes> {
    /// Opens the object at the path, and notes each field of it that is none. A `null` is no field.
    pub(super) fn open(
        (json, path): Member<'json>,
        known: &[&str],
        problems: &'notes mut Vec<RuleProblem>,
    ) -> Option<Self> {
        let Json::Object(object) = json else {
            problems.push(RuleProblem { path, fault: RuleFault::Malformed { expected: "an object" } });
            return None;
        };
        let mut fields = Self { object, path, problems };
        for (name, value) in object {
            if !value.is_null() && !known.contains(&name.as_str()) {
                fields.note(name, RuleFault::UnknownField);
            }
        }
        Some(fields)
    }

    /// Notes a problem of a field.
    pub(super) fn note(&mut self, name: &str, fault: RuleFault) {
        self.note_at(&[name], fault);
    }

    /// Notes a problem further in.
    pub(super) fn note_at(&mut self, names: &[&str], fault: RuleFault) {
        let further = names.iter().map(|name| (*name).to_owned());
        let path = self.path.iter().cloned().chain(further).collect();
        self.problems.push(RuleProblem { path, fault });
    }

    /// Notes that a field says nothing beside a word.
    pub(super) fn meaningless(&mut self, name: &str, beside: &'static str) {
        self.note(name, RuleFault::Meaningless { beside });
    }

    /// Whether the field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What stands in a field, as it is.
    pub(super) fn get(&self, name: &str) -> Option<&'json Json> {
        self.object.get(name).filter(|json| !json.is_null())
    }

    /// Opens the object in a field, if it is there.
    pub(super) fn inner(&mut self, name: &str, known: &[&str]) -> Option<Fields<'json, '_>> {
        let json = self.get(name)?;
        let path = self.path_of(name);
        Fields::open((json, path), known, self.problems)
    }

    /// Reads each member of the list in a field. A list of another size is read too, and noted.
    pub(super) fn each<T>(
        &mut self,
        name: &str,
        (size, expected): (RangeInclusive<usize>, &'static str),
        mut read: impl FnMut(Member<'json>, &mut Vec<RuleProblem>) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        let json = self.required(name)?;
        let members = json.as_array().filter(|members| members.len() <= *size.end());
        if !members.is_some_and(|members| size.contains(&members.len())) {
            self.note(name, RuleFault::Malformed { expected });
        }
        let path = self.path_of(name);
        let at = |index: usize| [path.as_slice(), &[index.to_string()]].concat();
        let members = members?.iter().enumerate();
        Some(members.map(|(index, json)| read((json, at(index)), self.problems)).collect())
    }

    /// A text that must be there and of the form in words.
    pub(super) fn text<T: FromStr>(&mut self, name: &str, expected: &'static str) -> Option<T> {
        let json = self.required(name)?;
        text_of((json, self.path_of(name)), expected, self.problems)
    }

    /// A text of the form in words, or nothing if the field is not there.
    pub(super) fn optional_text<T: FromStr>(
        &mut self,
        name: &str,
        expected: &'static str,
    ) -> Option<Option<T>> {
        if self.has(name) { self.text(name, expected).map(Some) } else { Some(None) }
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
        let Some(json) = self.get(name) else { return Some(default) };
        let integer = json.as_i64().and_then(|integer| i32::try_from(integer).ok());
        self.or_note(name, integer, "a whole number of at most 32 bits")
    }

    /// A whole number in these bounds that must be there.
    pub(super) fn count(
        &mut self,
        name: &str,
        (bounds, expected): (RangeInclusive<u32>, &'static str),
    ) -> Option<u32> {
        let json = self.required(name)?;
        let count = json.as_u64().and_then(|count| u32::try_from(count).ok());
        self.or_note(name, count.filter(|count| bounds.contains(count)), expected)
    }

    /// A yes or no; no if the field is not there.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let Some(json) = self.get(name) else { return Some(false) };
        self.or_note(name, json.as_bool(), "true or false")
    }

    fn or_note<T>(&mut self, name: &str, read: Option<T>, expected: &'static str) -> Option<T> {
        if read.is_none() {
            self.note(name, RuleFault::Malformed { expected });
        }
        read
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

    fn path_of(&self, name: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        path
    }
}

/// A text of the form in words.
pub(super) fn text_of<T: FromStr>(
    (json, path): Member<'_>,
    expected: &'static str,
    problems: &mut Vec<RuleProblem>,
) -> Option<T> {
    let parsed = json.as_str().and_then(|text| text.parse().ok());
    if parsed.is_none() {
        problems.push(RuleProblem { path, fault: RuleFault::Malformed { expected } });
    }
    parsed
}
