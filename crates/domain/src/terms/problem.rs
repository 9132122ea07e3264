//! What can be wrong with rules, and where.

use super::condition::OperandKind;

/// One thing wrong with the rules that were sent. All of them are reported at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", path.join("."))]
pub struct RuleProblem {
    /// Where, outermost first: `["rules", "0", "tiers"]`.
    pub path: Vec<String>,
    /// What.
    pub fault: RuleFault,
}

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// A field that must be there is not.
    #[error("is missing")]
    Missing,
    /// No field of that name exists.
    #[error("is no known field")]
    UnknownField,
    /// The reward semantics know it, and this version cannot evaluate it yet: never silently ignored.
    #[error("{what} cannot be used yet")]
    NotYet {
        /// The field or the word.
        what: String,
    },
    /// The word is none of the field's.
    #[error("must be one of {}", words.join(", "))]
    NotAWord {
        /// The words that exist.
        words: Vec<&'static str>,
    },
    /// Of another form, or out of bounds.
    #[error("must be {expected}")]
    Malformed {
        /// What is expected, in words.
        expected: &'static str,
    },
    /// What a condition compares with is missing or of another form.
    #[error("must be {expected}")]
    Operand {
        /// What kind of operand the field takes.
        kind: OperandKind,
        /// What is expected, in words.
        expected: &'static str,
    },
    /// The field or word exists, but says nothing beside the others.
    #[error("has no meaning with {beside}")]
    Meaningless {
        /// The word beside which it has no meaning.
        beside: &'static str,
    },
    /// An earlier rule of the version has the same id.
    #[error("the id {id:?} is used by an earlier rule")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// More rules than a version may have.
    #[error("must be at most {limit} rules")]
    TooMany {
        /// The most that are accepted.
        limit: usize,
    },
}
