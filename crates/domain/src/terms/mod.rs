//! The terms of a program: numbered versions of reward rules, immutable once published. An event falls under the
//! version that [`choose_terms`] names. Which words a rule may use is a closed vocabulary, from which its reading, its
//! evaluation and its sentence follow.

mod find;
mod in_force;
mod model;
mod problem;
mod publish;
mod put_draft;
mod read;
mod rule;
#[cfg(test)]
pub(crate) mod samples;
mod sentence;
mod validate;
mod vocabulary;

pub use in_force::{TermsInForce, choose_terms, self_referral_without_terms};
pub use model::Terms;
pub use problem::{RuleFault, RuleProblem};
pub use publish::PublishError;
pub use put_draft::{DraftTerms, PutDraftError};
pub use rule::{Duration, FixedAmount, NotOfForm, Rule, RuleId, Value};
pub use validate::{MOST_RULES, parse_rules};
pub use vocabulary::{
    Base, Beneficiary, DurationStart, DurationType, Per, SelfReferral, Stacking, Trigger, ValueType,
};
