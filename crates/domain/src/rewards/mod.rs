//! What a sale earns, for whom, and why it earned nothing.

pub mod evaluate;
pub mod reason;
pub mod self_referral;
