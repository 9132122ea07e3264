//! Emails about a user's own log-in: they belong to no account.

use chrono::{DateTime, Utc};
use domain::{
    emails::{EmailMessage, EmailTemplate},
    users::{User, UserStatus},
};
use mailer::{
    Rendered,
    templates::{
        EmailChange, EmailChangeAsked, EmailChanged, PasswordChanged, PasswordReset, UserExists, UserVerify,
    },
};

use super::{
    EmailRenderer,
    facts::UserFacts,
    render::NotRendered,
    words::{length, moment},
};

/// Why such an email is not sent any more; none if it is to be sent.
pub(super) fn nothing_to_tell(
    email: &EmailMessage,
    user: &UserFacts,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let expired = |at: Option<DateTime<Utc>>| at.is_none_or(|at| at <= now);
    match email.template {
        EmailTemplate::UserVerify => match user.status {
            UserStatus::Unverified if expired(user.verify_expires_at) => Some("the link has expired"),
            UserStatus::Unverified => None,
            UserStatus::Active | UserStatus::Disabled => Some("the address is verified already"),
        },
        EmailTemplate::PasswordReset => {
            if email.dedupe_key != User::reset_key(user.id, user.reset_rotation) {
                Some("a newer link replaced this one")
            } else {
                expired(user.reset_expires_at).then_some("the link was used or has expired")
            }
        }
        EmailTemplate::EmailChange => {
            if email.dedupe_key != User::email_change_key(user.id, user.email_rotation) {
                Some("a newer link replaced this one")
            } else {
                expired(user.email_expires_at).then_some("the link was used or has expired")
            }
        }
        EmailTemplate::EmailChangeAsked => {
            user.new_email.is_none().then_some("no change of the address waits any more")
        }
        EmailTemplate::EmailChanged => {
            user.former_email(email).is_none().then_some("there is no former address")
        }
        _ => None,
    }
}

/// To which address of the user it goes.
pub(super) fn address<'a>(email: &EmailMessage, user: &'a UserFacts) -> Option<&'a str> {
    match email.template {
        EmailTemplate::EmailChange => user.new_email.as_deref(),
        EmailTemplate::EmailChanged => user.former_email(email),
        _ => Some(&user.email),
    }
}

impl EmailRenderer {
    /// Subject and bodies of such an email.
    pub(super) fn of_log_in(
        &self,
        email: &EmailMessage,
        user: Option<&UserFacts>,
        now: DateTime<Utc>,
    ) -> Result<Rendered, NotRendered> {
        let user = user.ok_or(NotRendered::Missing)?;
        let valid_for =
            |until: Option<DateTime<Utc>>| length(until.map_or_else(Default::default, |at| at - now));
        let reset_url = self.url("/reset");
        match email.template {
            EmailTemplate::UserVerify => {
                let token = self.secrets().verification_token(user.id, user.verify_rotation);
                let verify_url = self.link("/verify", &token);
                self.fill(&UserVerify { verify_url, valid_for: valid_for(user.verify_expires_at) })
            }
            EmailTemplate::UserExists => self.fill(&UserExists { log_in_url: self.url("/") }),
            EmailTemplate::PasswordReset => {
                let reset_url =
                    self.link("/reset", &self.secrets().reset_token(user.id, user.reset_rotation));
                self.fill(&PasswordReset { reset_url, valid_for: valid_for(user.reset_expires_at) })
            }
            EmailTemplate::PasswordChanged => {
                self.fill(&PasswordChanged { changed_at: moment(email.created_at), reset_url })
            }
            EmailTemplate::EmailChange => {
                let verify_url =
                    self.link("/verify", &self.secrets().email_token(user.id, user.email_rotation));
                self.fill(&EmailChange { verify_url, valid_for: valid_for(user.email_expires_at) })
            }
            EmailTemplate::EmailChangeAsked => {
                let new_email = user.new_email.clone().ok_or(NotRendered::Missing)?;
                self.fill(&EmailChangeAsked { new_email, asked_at: moment(email.created_at), reset_url })
            }
            EmailTemplate::EmailChanged => {
                self.fill(&EmailChanged { changed_at: moment(email.created_at), instance_url: self.url("/") })
            }
            _ => Err(NotRendered::Missing),
        }
    }
}
