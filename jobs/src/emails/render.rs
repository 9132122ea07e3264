use chrono::{DateTime, Utc};
use domain::{
    emails::{EmailMessage, EmailTemplate, Recipient},
    rewards::{Reward, View, explain},
    users::{SecretToken, Secrets},
};
use mailer::{
    Mailbox, Mailer, Message, RenderError, Rendered, Template,
    templates::{
        Invite, InviteAccepted, MemberRemoved, PartnerApplied, PartnerApproved, PartnerRejected,
        RewardCreated, SaleRecorded,
    },
};
use money::Money;

use super::{
    facts::{Facts, PartnerFacts, SaleFacts, UserFacts},
    log_in,
    words::{day, role, unlinked},
};

/// Renders emails from what is true now. Tokens are derived here and stand nowhere else.
#[derive(Clone)]
pub struct EmailRenderer {
    mailer: Mailer,
    secrets: Secrets,
    public_url: String,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRendered {
    /// What it is about, or to whom it goes, is not there, or is not of the kind that the template needs.
    #[error("what the email tells of is not there")]
    Missing,
    /// A defect of a template or of what fills it.
    #[error(transparent)]
    Defect(#[from] RenderError),
    /// A stored trace that this binary cannot read.
    #[error("the trace of the reward cannot be read: {0}")]
    Trace(serde_json::Error),
}

impl EmailRenderer {
    /// A renderer whose links lead to `public_url`, an origin without a path.
    pub fn new(mailer: Mailer, secrets: Secrets, public_url: &str) -> Self {
        Self { mailer, secrets, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    pub(super) fn mailer(&self) -> &Mailer {
        &self.mailer
    }

    /// The message as it goes out; the same dedupe key makes the same Message-ID at every attempt.
    pub(super) fn message(
        &self,
        email: &EmailMessage,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<Message, NotRendered> {
        let to = recipient(email, facts).ok_or(NotRendered::Missing)?;
        let message_id = self.mailer.message_id(&email.dedupe_key);
        let rendered = self.render(email, facts, now)?;
        Ok(Message { to, from: None, rendered, message_id, list_unsubscribe: None })
    }

    /// Subject and bodies.
    pub(super) fn render(
        &self,
        email: &EmailMessage,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<Rendered, NotRendered> {
        match email.template {
            EmailTemplate::UserVerify
            | EmailTemplate::UserExists
            | EmailTemplate::PasswordReset
            | EmailTemplate::PasswordChanged
            | EmailTemplate::EmailChange
            | EmailTemplate::EmailChangeAsked
            | EmailTemplate::EmailChanged => self.of_log_in(email, facts.recipient_user(email), now),
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
            | EmailTemplate::PayoutBatchCompleted => self.of_payouts(email, facts),
            EmailTemplate::RewardCreated => {
                let partner = facts.recipient_partner(email).ok_or(NotRendered::Missing)?;
                let reward = facts.reward(email).ok_or(NotRendered::Missing)?;
                self.fill(&reward_created(partner, reward, now)?)
            }
            EmailTemplate::SaleRecorded => {
                self.fill(&sale_recorded(facts.sale(email).ok_or(NotRendered::Missing)?))
            }
            EmailTemplate::PartnerApplied => {
                self.fill(&partner_applied(facts.partner(email).ok_or(NotRendered::Missing)?))
            }
            EmailTemplate::PartnerApproved => {
                self.fill(&partner_approved(facts.partner(email).ok_or(NotRendered::Missing)?))
            }
            EmailTemplate::PartnerRejected => {
                self.fill(&partner_rejected(facts.partner(email).ok_or(NotRendered::Missing)?))
            }
            EmailTemplate::Invite => self.fill(&self.invite(email, facts).ok_or(NotRendered::Missing)?),
            EmailTemplate::InviteAccepted => {
                self.fill(&invite_accepted(email, facts).ok_or(NotRendered::Missing)?)
            }
            EmailTemplate::MemberRemoved => {
                let account_name = facts.account(email).ok_or(NotRendered::Missing)?.name.clone();
                self.fill(&MemberRemoved { account_name })
            }
        }
    }

    pub(super) fn fill(&self, template: &impl Template) -> Result<Rendered, NotRendered> {
        Ok(self.mailer.render(template)?)
    }

    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The address of a page.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The same with the token that it spends.
    pub(super) fn link(&self, path: &str, token: &SecretToken) -> String {
        format!("{}?token={}", self.url(path), token.expose())
    }

    fn invite(&self, email: &EmailMessage, facts: &Facts) -> Option<Invite> {
        let (account, invite) = (facts.account(email)?, facts.recipient_invite(email)?);
        let token = self.secrets.invite_token(invite.id, invite.rotation);
        Some(Invite {
            account_name: unlinked(&account.name).unwrap_or_else(|| "an account".to_owned()),
            inviter_name: facts.inviter_name(invite).and_then(unlinked),
            role: role(invite.role).to_owned(),
            message: invite.message.clone(),
            expires_on: day(invite.expires_at, &account.time_zone),
            accept_url: self.link("/invite", &token),
        })
    }
}

fn recipient(email: &EmailMessage, facts: &Facts) -> Option<Mailbox> {
    match email.recipient {
        Recipient::User(_) => {
            let user = facts.recipient_user(email)?;
            Some(Mailbox::new(greeting_name(user), log_in::address(email, user)?))
        }
        Recipient::Partner(_) => {
            facts.recipient_partner(email).map(|partner| Mailbox::new(&partner.name, &partner.email))
        }
        Recipient::Invite(_) => facts.recipient_invite(email).map(|invite| Mailbox::new("", &invite.email)),
    }
}

/// Whoever typed an address at registration could put words of their own into the name: only a proven one is used.
fn greeting_name(user: &UserFacts) -> &str {
    if user.is_verified() { &user.name } else { "" }
}

fn reward_created(
    partner: &PartnerFacts,
    reward: &Reward,
    now: DateTime<Utc>,
) -> Result<RewardCreated, NotRendered> {
    let held = reward.hold_until > now;
    Ok(RewardCreated {
        partner_name: partner.name.clone(),
        program_name: partner.program.name.clone(),
        amount: reward.net_money().to_string(),
        is_correction: reward.amount < 0,
        hold_until: held.then(|| day(reward.hold_until, &partner.program.time_zone)),
        reason: reason(reward)?,
        portal_url: None,
    })
}

/// The sentence of the rule that made the reward, of those that explain its evaluation; or the words of who gave it.
fn reason(reward: &Reward) -> Result<String, NotRendered> {
    let (Some(mut trace), Some(rule)) = (reward.trace().map_err(NotRendered::Trace)?, &reward.rule) else {
        return Ok(reward.reason.clone().unwrap_or_default());
    };
    trace.rules.retain(|looked_at| looked_at.rule.to_string() == *rule);
    let start = format!("Rule {rule}, ");
    let sentences = explain(&trace, View::Beneficiary);
    let sentence = sentences.iter().find_map(|sentence| sentence.strip_prefix(&start));
    Ok(sentence.map_or_else(|| sentences.join(" "), str::to_owned))
}

fn sale_recorded(sale: &SaleFacts) -> SaleRecorded {
    SaleRecorded {
        program_name: sale.program_name.clone(),
        amount: Money::new(sale.gross - sale.discount, sale.currency).to_string(),
        partner_name: sale.partner_name.clone(),
        customer_key: sale.customer_key.clone(),
        sale_url: None,
    }
}

fn invite_accepted(email: &EmailMessage, facts: &Facts) -> Option<InviteAccepted> {
    let (account, invite) = (facts.account(email)?, facts.invite(email)?);
    Some(InviteAccepted {
        account_name: account.name.clone(),
        email: invite.email.clone(),
        role: role(invite.role).to_owned(),
    })
}

fn partner_applied(partner: &PartnerFacts) -> PartnerApplied {
    PartnerApplied {
        program_name: partner.program.name.clone(),
        partner_name: partner.name.clone(),
        partner_email: partner.email.clone(),
        review_url: None,
    }
}

fn partner_approved(partner: &PartnerFacts) -> PartnerApproved {
    PartnerApproved {
        partner_name: partner.name.clone(),
        program_name: partner.program.name.clone(),
        referral_url: partner.link.as_ref().map(|link| link.url(&partner.program)),
        portal_url: None,
    }
}

fn partner_rejected(partner: &PartnerFacts) -> PartnerRejected {
    PartnerRejected {
        partner_name: partner.name.clone(),
        program_name: partner.program.name.clone(),
        reason: partner.partner.status_reason.clone(),
    }
}
