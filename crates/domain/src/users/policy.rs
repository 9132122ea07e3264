/// What is wrong with a chosen password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than `minimum`.
    TooShort {
        /// The fewest characters.
        minimum: usize,
    },
    /// More characters than `limit`.
    TooLong {
        /// The most characters.
        limit: usize,
    },
    /// It is the email address, whole or up to the `@`.
    IsEmail,
}

const MINIMUM: usize = 10;
pub(super) const LIMIT: usize = 200;

/// Length is what counts against guessing; rules about kinds of characters only make passwords alike.
pub(super) fn problem_of(password: &str, email: &str) -> Option<PasswordProblem> {
    let (folded, email) = (password.trim().to_lowercase(), email.trim().to_lowercase());
    let local = email.split('@').next().unwrap_or_default();
    match password.chars().count() {
        count if count < MINIMUM => Some(PasswordProblem::TooShort { minimum: MINIMUM }),
        count if count > LIMIT => Some(PasswordProblem::TooLong { limit: LIMIT }),
        _ if folded == email || folded == local => Some(PasswordProblem::IsEmail),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_not_the_address() {
        let email = "Ada.Lovelace@example.com";
        for (password, expected) in [
            ("short", Some(PasswordProblem::TooShort { minimum: 10 })),
            ("ninechars", Some(PasswordProblem::TooShort { minimum: 10 })),
            ("ten chars!", None),
            ("äöüäöüäöüä", None),
            (&"x".repeat(200), None),
            (&"x".repeat(201), Some(PasswordProblem::TooLong { limit: 200 })),
            ("ada.lovelace@EXAMPLE.com", Some(PasswordProblem::IsEmail)),
            (" ADA.LOVELACE ", Some(PasswordProblem::IsEmail)),
            ("ada.lovelace1", None),
        ] {
            assert_eq!(problem_of(password, email), expected, "{password}");
        }
    }
}
