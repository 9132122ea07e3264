//! What a sale earns, for whom, and why it earned nothing.

mod evaluate;
mod reason;
mod reverse_share;
mod self_referral;
pub mod vectors;

pub use evaluate::{
    AmountOutOfRange, Applied, AttributionFacts, EarnedReward, Evaluation, Outcome, RuleTrace, SaleFacts,
    SaleTrace, TermsTrace, Trace, Verdict, evaluate, explain,
};
pub use reason::NonRewardReason;
pub use reverse_share::{LineRefund, Remainder, TakenBack};
pub use self_referral::emails_equal;
