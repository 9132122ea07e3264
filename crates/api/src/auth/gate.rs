use std::{fmt::Write, sync::Arc};

use async_graphql::Context;
use documents::VerifyingKey;
use domain::{
    rates::RateHosts,
    team::invites::InvitesPerDay,
    users::{Passwords, Secrets},
};
use sha2::{Digest, Sha256};
use vault::Vault;

use super::RegistrationPolicy;
use crate::{
    graphql::error::ApiError,
    http::{
        Limiter, RequestInfo, address_key,
        limiter::{
            Budget, EMAIL_PER_ADDRESS, EMAIL_PER_RECIPIENT, LOGIN_PER_ADDRESS, LOGIN_PER_USER, Verdict,
        },
    },
};

/// What stands before log-in and registration: who hashes, who counts, and whether strangers are let in. In the data of
/// every operation.
pub struct Gate {
    /// Hashes passwords, a few at a time.
    pub passwords: Passwords,
    /// Derives the tokens of links.
    pub secrets: Secrets,
    /// Counts attempts.
    pub limiter: Limiter,
    /// Who may become a user.
    pub registration: RegistrationPolicy,
    /// How many people an account may invite within a day.
    pub invites_per_day: InvitesPerDay,
    /// Where rates may be imported from by address.
    pub rate_hosts: RateHosts,
    /// What payout details are sealed by; without it none are taken.
    pub vault: Option<Arc<Vault>>,
    /// What verifies statements and invoices: for everybody to know.
    pub statement_keys: Vec<VerifyingKey>,
}

impl Gate {
    /// The gate of this instance.
    #[expect(clippy::expect_used, reason = "the authenticator puts it into every request before it executes")]
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data::<Arc<Self>>().expect("the authenticator provides the gate")
    }

    /// What a verb of users needs of it.
    pub fn keys(&self) -> (&Passwords, &Secrets) {
        (&self.passwords, &self.secrets)
    }

    /// Counts an attempt to log in, against the client's address and against the user, known or not.
    ///
    /// # Errors
    /// [`ApiError::RateLimited`] when one of the two has had its share.
    pub async fn count_log_in(&self, info: &RequestInfo, email: &str) -> Result<(), ApiError> {
        self.count("login:addr", &address_key(info.client), LOGIN_PER_ADDRESS).await?;
        self.count("login:user", &pseudonym(email), LOGIN_PER_USER).await
    }

    /// Counts an email to an address that a caller names, whether it will be sent or not.
    ///
    /// # Errors
    /// As [`Gate::count_log_in`].
    pub async fn count_mail(&self, info: &RequestInfo, email: &str) -> Result<(), ApiError> {
        self.count("mail:addr", &address_key(info.client), EMAIL_PER_ADDRESS).await?;
        self.count("mail:to", &pseudonym(email), EMAIL_PER_RECIPIENT).await
    }

    async fn count(&self, what: &str, whose: &str, budget: Budget) -> Result<(), ApiError> {
        match self.limiter.check(&format!("{what}:{whose}"), budget, 1).await {
            Verdict::Allowed { .. } => Ok(()),
            Verdict::Refused { retry_after } => {
                Err(ApiError::RateLimited { retry_after: retry_after.as_secs().saturating_add(1) })
            }
        }
    }
}

/// Stands for an address where it is counted: Redis holds no personal data.
fn pseudonym(email: &str) -> String {
    let hash = Sha256::digest(email.trim().to_lowercase());
    hash.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_as_one_in_any_spelling_and_is_not_told() {
        assert_eq!(pseudonym("Ada@Example.com "), pseudonym("ada@example.com"));
        assert_ne!(pseudonym("ada@example.com"), pseudonym("bob@example.com"));
        assert!(!pseudonym("ada@example.com").contains("ada"));
    }
}
