use chrono::{DateTime, Utc};
use domain::{
    emails::{EmailMessage, EmailTemplate, Recipient},
    partners::PartnerStatus,
    rewards::RewardStatus,
    team::{
        Role,
        invites::{Invite, InviteStatus},
    },
    users::UserStatus,
};

use super::{facts::Facts, log_in, payouts};

/// Why an email is not sent any more, in words for the account; none if it is to be sent.
pub(super) fn outdated(email: &EmailMessage, facts: &Facts, now: DateTime<Utc>) -> Option<&'static str> {
    nobody_to_tell(email, facts).or_else(|| nothing_to_tell(email, facts, now))
}

fn nobody_to_tell(email: &EmailMessage, facts: &Facts) -> Option<&'static str> {
    match (email.recipient, email.account_id) {
        (Recipient::User(id), account) => match facts.users.get(&id) {
            None => Some("there is no such user"),
            Some(user) if user.status == UserStatus::Disabled => Some("the user is disabled"),
            Some(_) if account.is_some() => not_of_the_team(email, facts.role(email)),
            Some(_) => None,
        },
        (Recipient::Invite(_), _) => {
            facts.recipient_invite(email).is_none().then_some("there is no such invite")
        }
        (Recipient::Partner(_), _) => {
            facts.recipient_partner(email).is_none().then_some("there is no such partner")
        }
    }
}

/// Most emails on behalf of an account are for its owners; some for whoever is, or is not, a member.
fn not_of_the_team(email: &EmailMessage, role: Option<Role>) -> Option<&'static str> {
    match (email.template, role) {
        (EmailTemplate::MemberRemoved, Some(_)) => Some("the user is a member of the account again"),
        (EmailTemplate::MemberRemoved, None) | (EmailTemplate::InviteAccepted, Some(_)) => None,
        (EmailTemplate::InviteAccepted, None) => Some("the user is no member of the account any more"),
        (_, Some(Role::Owner)) => None,
        (_, _) => Some("the user is no owner of the account any more"),
    }
}

fn nothing_to_tell(email: &EmailMessage, facts: &Facts, now: DateTime<Utc>) -> Option<&'static str> {
    match email.template {
        EmailTemplate::UserVerify
        | EmailTemplate::UserExists
        | EmailTemplate::PasswordReset
        | EmailTemplate::PasswordChanged
        | EmailTemplate::EmailChange
        | EmailTemplate::EmailChangeAsked
        | EmailTemplate::EmailChanged => log_in::nothing_to_tell(email, facts.recipient_user(email)?, now),
        EmailTemplate::MemberRemoved => None,
        EmailTemplate::PayoutRequested
        | EmailTemplate::PayoutApproved
        | EmailTemplate::PayoutRejected
        | EmailTemplate::PayoutCancelled
        | EmailTemplate::PayoutChangesRequested
        | EmailTemplate::PayoutPaid
        | EmailTemplate::PayoutFailed
        | EmailTemplate::PayoutReturned
        | EmailTemplate::PayoutMethodChanged
        | EmailTemplate::PayoutMethodArchived
        | EmailTemplate::PayoutBatchFrozen
        | EmailTemplate::PayoutBatchCompleted => payouts::nothing_to_tell(email, facts),
        EmailTemplate::Invite => {
            let invite = facts.recipient_invite(email)?;
            match invite.standing(now) {
                _ if email.dedupe_key != Invite::email_key(invite.id, invite.rotation) => {
                    Some("a newer link replaced this one")
                }
                InviteStatus::Pending => None,
                InviteStatus::Accepted => Some("the invite was accepted"),
                InviteStatus::Revoked => Some("the invite was revoked"),
                InviteStatus::Expired => Some("the invite has expired"),
            }
        }
        EmailTemplate::InviteAccepted => facts.invite(email).is_none().then_some("there is no such invite"),
        EmailTemplate::RewardCreated => match facts.reward(email) {
            None => Some("there is no such reward"),
            Some(reward) if matches!(reward.status, RewardStatus::Rejected | RewardStatus::Reversed) => {
                Some("the reward was rejected or reversed")
            }
            Some(_) => None,
        },
        EmailTemplate::SaleRecorded => facts.sale(email).is_none().then_some("there is no such sale"),
        EmailTemplate::PartnerApplied => {
            unless(email, facts, PartnerStatus::Pending, "the application is decided already")
        }
        EmailTemplate::PartnerApproved => {
            unless(email, facts, PartnerStatus::Approved, "the partner is not approved any more")
        }
        EmailTemplate::PartnerRejected => {
            unless(email, facts, PartnerStatus::Rejected, "the partner is not rejected any more")
        }
    }
}

fn unless(
    email: &EmailMessage,
    facts: &Facts,
    status: PartnerStatus,
    why: &'static str,
) -> Option<&'static str> {
    match facts.partner(email) {
        None => Some("there is no such partner"),
        Some(facts) if facts.partner.status != status => Some(why),
        Some(_) => None,
    }
}
