//! How an input is checked: every field is looked at, and all problems are told at once.

use crate::{DetailsProblem, RefusedField};

/// The most characters of a holder's name: what a SEPA transfer carries.
pub(crate) const HOLDER_CHARS: usize = 70;

/// Collects the problems of all fields of an input.
#[derive(Default)]
pub(crate) struct Checks {
    within: Vec<&'static str>,
    refused: Vec<RefusedField>,
}

impl Checks {
    /// The value of the field; if it is refused, the problem is noted.
    pub(crate) fn take<T>(&mut self, field: &'static str, checked: Result<T, DetailsProblem>) -> Option<T> {
        checked.map_err(|problem| self.refuse(field, problem)).ok()
    }

    /// The value of a field that may be left out: blank is left out too. None if it is refused.
    pub(crate) fn take_optional<T>(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        check: impl FnOnce(&str) -> Result<T, DetailsProblem>,
    ) -> Option<Option<T>> {
        match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => self.take(field, check(text)).map(Some),
            None => Some(None),
        }
    }

    /// Notes a problem of the field.
    pub(crate) fn refuse(&mut self, field: &'static str, problem: DetailsProblem) {
        let path = self.within.iter().copied().chain([field]).collect();
        self.refused.push(RefusedField { path, problem });
    }

    /// What the fields below `field` make.
    pub(crate) fn within<T>(&mut self, field: &'static str, check: impl FnOnce(&mut Self) -> T) -> T {
        self.within.push(field);
        let checked = check(self);
        self.within.pop();
        checked
    }

    /// What was checked, or all that is wrong with it.
    pub(crate) fn done<T>(self, value: Option<T>) -> Result<T, Vec<RefusedField>> {
        match value {
            Some(value) if self.refused.is_empty() => Ok(value),
            _ => Err(self.refused),
        }
    }
}

/// The text trimmed, if it is one line of 1 to `limit` characters.
pub(crate) fn line(text: &str, limit: usize) -> Result<String, DetailsProblem> {
    let text = text.trim();
    if text.chars().any(char::is_control) { Err(DetailsProblem::Malformed) } else { prose(text, limit) }
}

/// The text trimmed, if it has 1 to `limit` characters, of which none but line breaks controls anything.
pub(crate) fn prose(text: &str, limit: usize) -> Result<String, DetailsProblem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(DetailsProblem::Missing),
        count if count > limit => Err(DetailsProblem::TooLong { limit }),
        _ if text.chars().any(|c| c.is_control() && c != '\n') => Err(DetailsProblem::Malformed),
        _ => Ok(text.to_owned()),
    }
}

/// The text in upper case without blanks and hyphens, as people write numbers in groups; ASCII letters and digits only.
pub(crate) fn compact(text: &str) -> Result<String, DetailsProblem> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if compact.is_empty() {
        Err(DetailsProblem::Missing)
    } else if compact.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(compact.to_ascii_uppercase())
    } else {
        Err(DetailsProblem::Malformed)
    }
}

/// The digits of a number that may be written in groups, if there are so many.
pub(crate) fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Result<String, DetailsProblem> {
    let text = compact(text)?;
    if count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text)
    } else {
        Err(DetailsProblem::Malformed)
    }
}
