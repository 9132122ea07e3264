use std::{fmt, str::FromStr};

/// `REGISTRATION`: who may become a user of this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationPolicy {
    /// Whoever proves an address.
    #[default]
    Open,
    /// Whoever is invited to an account.
    Invite,
    /// Nobody any more. Those who are users already may still join accounts that invite them.
    Closed,
}

/// The text is no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected open, invite or closed")]
pub struct UnknownPolicy;

impl RegistrationPolicy {
    /// Reads `REGISTRATION`; open if it is not set.
    ///
    /// # Errors
    /// When it is another word; the sentence names the key.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(env::var_parsed("REGISTRATION")?.unwrap_or_default())
    }

    /// Whether `userRegister` makes users.
    pub fn admits_strangers(self) -> bool {
        self == Self::Open
    }

    /// Whether an invite to an account makes a user.
    pub fn admits_invited(self) -> bool {
        self != Self::Closed
    }
}

impl FromStr for RegistrationPolicy {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, UnknownPolicy> {
        [Self::Open, Self::Invite, Self::Closed]
            .into_iter()
            .find(|policy| policy.to_string() == word)
            .ok_or(UnknownPolicy)
    }
}

impl fmt::Display for RegistrationPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_words() {
        for (word, expected) in [
            ("open", Ok(RegistrationPolicy::Open)),
            ("invite", Ok(RegistrationPolicy::Invite)),
            ("closed", Ok(RegistrationPolicy::Closed)),
            ("Open", Err(UnknownPolicy)),
            ("", Err(UnknownPolicy)),
        ] {
            assert_eq!(word.parse(), expected, "{word}");
        }
    }
}
