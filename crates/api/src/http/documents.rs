use std::{
    collections::HashMap,
    mem,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use async_graphql::parser::{self, parse_query, types::ExecutableDocument};

/// The longest document that is kept, in bytes. Parsed, it takes some twenty times as much.
const LONGEST: usize = 4 * 1024;
/// How many documents a generation has: with both full, some 40 MB at the very worst, and 1 MB in practice.
const GENERATION: usize = 250;

/// One for the process: that a document was parsed before changes nothing but the time that it takes.
static RECENT: LazyLock<Mutex<Recent>> = LazyLock::new(Mutex::default);

/// Parses a document, or answers what came of it before. Programs send few documents again and again, with other
/// variables, and parsing takes longer than all else that stands before the execution.
///
/// # Errors
/// Those of the parser; they are not kept.
pub(crate) fn parsed(text: &str) -> Result<Arc<ExecutableDocument>, parser::Error> {
    if let Some(known) = RECENT.lock().unwrap_or_else(PoisonError::into_inner).find(text) {
        return Ok(known);
    }
    let document = Arc::new(parse_query(text)?);
    RECENT.lock().unwrap_or_else(PoisonError::into_inner).keep(text, Arc::clone(&document));
    Ok(document)
}

/// The documents that were asked for lately, in two generations: when the young one is full, it becomes the old one, and
/// what nobody asked for since the last time is forgotten.
#[derive(Default)]
struct Recent {
    young: HashMap<Box<str>, Arc<ExecutableDocument>>,
    old: HashMap<Box<str>, Arc<ExecutableDocument>>,
}

impl Recent {
    fn find(&mut self, text: &str) -> Option<Arc<ExecutableDocument>> {
        if let Some(known) = self.young.get(text) {
            return Some(Arc::clone(known));
        }
        let known = self.old.remove(text)?;
        self.keep(text, Arc::clone(&known));
        Some(known)
    }

    fn keep(&mut self, text: &str, document: Arc<ExecutableDocument>) {
        if text.len() > LONGEST {
            return;
        }
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(text.into(), document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(recent: &mut Recent, text: &str) -> Arc<ExecutableDocument> {
        let document = Arc::new(parse_query(text).unwrap());
        recent.keep(text, Arc::clone(&document));
        document
    }

    #[test]
    fn what_is_asked_for_again_is_the_same_and_what_is_not_is_forgotten() {
        let mut recent = Recent::default();
        let (used, unused) = (keep(&mut recent, "{used}"), keep(&mut recent, "{unused}"));
        assert!(Arc::ptr_eq(&recent.find("{unused}").unwrap(), &unused));
        for number in 0..3 * GENERATION {
            keep(&mut recent, &format!("{{flood{number}}}"));
            assert!(Arc::ptr_eq(&recent.find("{used}").unwrap(), &used), "after {number}");
        }
        assert!(recent.find("{unused}").is_none());
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn long_documents_are_not_kept() {
        let mut recent = Recent::default();
        let long = format!("{{{}}}", "a ".repeat(LONGEST));
        keep(&mut recent, &long);
        assert!(recent.find(&long).is_none());
    }

    #[test]
    fn a_text_is_parsed_once_and_an_error_each_time() {
        let text = "{documents_rs_parses_this_once}";
        assert!(Arc::ptr_eq(&parsed(text).unwrap(), &parsed(text).unwrap()));
        assert!(parsed("{").is_err() && parsed("{").is_err());
    }
}
