//! The variables of every email, as plain texts: amounts, dates and durations arrive formatted for the
//! recipient. README.md says what each email is for.

mod payouts;

use serde::Serialize;

pub use self::payouts::{
    BatchWords, PayoutApproved, PayoutBatchCompleted, PayoutBatchFrozen, PayoutCancelled,
    PayoutChangesRequested, PayoutFailed, PayoutMethodArchived, PayoutMethodChanged, PayoutPaid,
    PayoutRejected, PayoutRequested, PayoutReturned, PayoutWords,
};
use crate::Template;

/// To somebody who registers: prove that the address is yours. Names nobody, because whoever typed the address
/// could put words of their own into a name.
#[derive(Debug, Clone, Serialize)]
pub struct UserVerify {
    /// Carries the token.
    pub verify_url: String,
    /// How long the link works, like `24 hours`.
    pub valid_for: String,
}

/// To somebody who has an account already, when their address is registered again.
#[derive(Debug, Clone, Serialize)]
pub struct UserExists {
    /// Where to log in.
    pub log_in_url: String,
}

/// To a user who forgot their password: the link to another one. Names nobody, as [`UserVerify`].
#[derive(Debug, Clone, Serialize)]
pub struct PasswordReset {
    /// Carries the token.
    pub reset_url: String,
    /// How long the link works, like `60 minutes`.
    pub valid_for: String,
}

/// To a user: their password is another one.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordChanged {
    /// Like `22 December 2026, 23:30 UTC`.
    pub changed_at: String,
    /// Where a link to another password is asked for.
    pub reset_url: String,
}

/// To an address that a user wants to log in with: prove that it is yours. Names nobody, as [`UserVerify`].
#[derive(Debug, Clone, Serialize)]
pub struct EmailChange {
    /// Carries the token.
    pub verify_url: String,
    /// How long the link works, like `48 hours`.
    pub valid_for: String,
}

/// To the present address of a user: they want another one.
#[derive(Debug, Clone, Serialize)]
pub struct EmailChangeAsked {
    /// The other one.
    pub new_email: String,
    /// Like `22 December 2026, 23:30 UTC`.
    pub asked_at: String,
    /// Where a link to another password is asked for, which stops the change.
    pub reset_url: String,
}

/// To the address that a user had until now. Does not name the new one: who reads this may not be them any more.
#[derive(Debug, Clone, Serialize)]
pub struct EmailChanged {
    /// Like `22 December 2026, 23:30 UTC`.
    pub changed_at: String,
    /// The instance whose operator can help.
    pub instance_url: String,
}

/// To a partner: a reward was earned.
#[derive(Debug, Clone, Serialize)]
pub struct RewardCreated {
    /// The recipient.
    pub partner_name: String,
    /// The program that pays.
    pub program_name: String,
    /// With its currency, like `12.00 EUR`; below zero of a correction.
    pub amount: String,
    /// Whether it takes something away.
    pub is_correction: bool,
    /// The day on which the hold ends, like `22 December 2026`; none if there is no hold.
    pub hold_until: Option<String>,
    /// One sentence, why there is a reward and why it has this amount.
    pub reason: String,
    /// Where the partner sees it.
    pub portal_url: Option<String>,
}

/// To an owner: a sale was recorded.
#[derive(Debug, Clone, Serialize)]
pub struct SaleRecorded {
    /// The program of the sale.
    pub program_name: String,
    /// With its currency.
    pub amount: String,
    /// Through whom the customer came; none for an organic sale.
    pub partner_name: Option<String>,
    /// The owner's own name for the customer.
    pub customer_key: String,
    /// Where the owner sees the sale.
    pub sale_url: Option<String>,
}

/// To an owner: an application waits for a decision.
#[derive(Debug, Clone, Serialize)]
pub struct PartnerApplied {
    /// The program applied to.
    pub program_name: String,
    /// Who applies.
    pub partner_name: String,
    /// Their address.
    pub partner_email: String,
    /// Where the owner decides.
    pub review_url: Option<String>,
}

/// To a partner: welcome.
#[derive(Debug, Clone, Serialize)]
pub struct PartnerApproved {
    /// The recipient.
    pub partner_name: String,
    /// The program joined.
    pub program_name: String,
    /// The partner's own link to share.
    pub referral_url: Option<String>,
    /// Where the partner sees clicks, sales and rewards.
    pub portal_url: Option<String>,
}

/// To an applicant: not this time.
#[derive(Debug, Clone, Serialize)]
pub struct PartnerRejected {
    /// The recipient.
    pub partner_name: String,
    /// The program applied to.
    pub program_name: String,
    /// What the owner gave as the reason, if anything.
    pub reason: Option<String>,
}

/// To somebody who is asked to join the team of an account.
#[derive(Debug, Clone, Serialize)]
pub struct Invite {
    /// The account.
    pub account_name: String,
    /// Who invites; none if a machine does.
    pub inviter_name: Option<String>,
    /// With its article, like `a manager`.
    pub role: String,
    /// What the inviter says, one line.
    pub message: Option<String>,
    /// The last day of the link, like `29 November 2026`.
    pub expires_on: String,
    /// Carries the token.
    pub accept_url: String,
}

/// To who invited somebody: they joined.
#[derive(Debug, Clone, Serialize)]
pub struct InviteAccepted {
    /// The account.
    pub account_name: String,
    /// The address that was invited.
    pub email: String,
    /// With its article, like `a manager`.
    pub role: String,
}

/// To who is no member of an account any more.
#[derive(Debug, Clone, Serialize)]
pub struct MemberRemoved {
    /// The account.
    pub account_name: String,
}

impl Template for UserVerify {
    const NAME: &'static str = "user_verify";
}

impl Template for UserExists {
    const NAME: &'static str = "user_exists";
}

impl Template for PasswordReset {
    const NAME: &'static str = "password_reset";
}

impl Template for PasswordChanged {
    const NAME: &'static str = "password_changed";
}

impl Template for EmailChange {
    const NAME: &'static str = "email_change";
}

impl Template for EmailChangeAsked {
    const NAME: &'static str = "email_change_asked";
}

impl Template for EmailChanged {
    const NAME: &'static str = "email_changed";
}

impl Template for RewardCreated {
    const NAME: &'static str = "reward_created";
}

impl Template for SaleRecorded {
    const NAME: &'static str = "sale_recorded";
}

impl Template for PartnerApplied {
    const NAME: &'static str = "partner_applied";
}

impl Template for PartnerApproved {
    const NAME: &'static str = "partner_approved";
}

impl Template for PartnerRejected {
    const NAME: &'static str = "partner_rejected";
}

impl Template for Invite {
    const NAME: &'static str = "invite";
}

impl Template for InviteAccepted {
    const NAME: &'static str = "invite_accepted";
}

impl Template for MemberRemoved {
    const NAME: &'static str = "member_removed";
}
