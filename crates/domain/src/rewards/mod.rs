//! What a sale earns, for whom, and why it earned nothing.

mod book;
mod compute;
mod count;
mod create_manual;
mod decide;
mod evaluate;
mod events;
mod find;
mod jobs;
mod model;
mod reason;
mod release;
mod reversal;
mod reverse;
mod reverse_share;
mod review;
mod review_code;
mod sales_of_partners;
mod self_referral;
mod spend;
pub mod vectors;

pub use book::{
    AdjustmentFacts, Adjusts, Book, Counted, CustomerState, Effect, Evaluated, Joined, Made, NewSale,
    PartnerState, Past, Policy, Reach, RewardState, SaleState, SignUp, Source, Tally, Tracked, Weight,
};
pub use compute::{
    Behind, COMPUTE_BATCH, Computed, CountError, Replay, Uncomputable, behind, compute, count_anew, recount,
};
pub use create_manual::{CreateManualError, ManualReward};
pub(crate) use decide::decide;
pub use evaluate::{
    AmountOutOfRange, Applied, AttributionFacts, CapKey, CapKind, CapTrace, Counters, CustomerFacts,
    EarnedReward, Evaluation, EventTrace, Facts, LineSet, Outcome, RateFacts, ReachedStep, ReviewReason,
    RuleTrace, SaleFacts, SaleTrace, Span, StepTrace, StoredCounters, TermsTrace, TierTrace, Trace, Twin,
    UplineFacts, Verdict, View, Within, evaluate, explain, reached,
};
pub use events::RewardPayload;
pub use find::RewardFilter;
pub use jobs::{ComputeRewards, ReleaseDueRewards};
pub use model::{NonReward, Reward, RewardStatus, RewardTrigger, StoredEvaluation};
pub use reason::NonRewardReason;
pub use release::RELEASE_BATCH;
pub use reversal::{Reversal, ReversalCause, ReversalKind};
pub use reverse::{NetChange, change_nets};
pub use reverse_share::{LineRefund, Remainder, TakenBack};
pub use review::{Review, ReviewError};
pub use review_code::ReviewCode;
pub use self_referral::emails_equal;
