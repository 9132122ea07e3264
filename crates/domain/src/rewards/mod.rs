//! What a sale earns, for whom, and why it earned nothing.

mod compute;
mod count;
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
mod sales_of_partners;
mod self_referral;
pub mod vectors;

pub use compute::{Behind, COMPUTE_BATCH, Computed, Uncomputable, behind, compute};
pub use evaluate::{
    AmountOutOfRange, Applied, AttributionFacts, EarnedReward, Evaluation, LineSet, Outcome, RuleTrace,
    SaleFacts, SaleTrace, TermsTrace, Trace, Verdict, evaluate, explain,
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
pub use self_referral::emails_equal;
