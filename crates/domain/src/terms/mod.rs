//! The terms of a program: numbered versions of reward rules, immutable once published. An event falls under the
//! version that [`choose_terms`] names. Which words a rule may use is a closed vocabulary, from which its reading, its
//! evaluation and its sentence follow.

mod condition;
mod delete_draft;
mod diff;
mod duration;
mod find;
mod forms;
mod in_force;
mod model;
mod named_groups;
mod problem;
mod publish;
mod put_draft;
mod rule;
#[cfg(test)]
pub(crate) mod samples;
mod sentence;
mod tiers;
mod validate;
mod value;
mod vocabulary;
mod whose;

pub use condition::{Condition, Operand, OperandKind};
pub use delete_draft::DeleteDraftError;
pub use diff::{FieldChange, RuleChange, RuleDiff, TermsDiff};
pub use duration::Duration;
pub use find::TermsFilter;
pub use forms::{FixedAmount, NotOfForm, RuleId};
pub use in_force::{TermsInForce, choose_terms, self_referral_without_terms};
pub use model::Terms;
pub use problem::{RuleFault, RuleProblem};
pub use publish::PublishError;
pub use put_draft::{DraftTerms, PutDraftError};
pub use rule::Rule;
pub use tiers::{Caps, Milestone, PeriodCap, TierStep, Tiers};
pub use validate::{MOST_RULES, parse_rules};
pub use value::Value;
pub use vocabulary::{
    Base, Beneficiary, ConditionField, ConditionOp, DurationStart, DurationType, Metric, Of, Per, Period,
    Reversal, RewardCurrency, SelfReferral, Stacking, Trigger, ValueType,
};
pub use whose::{TermsFor, TermsScope};
