//! Email addresses and telephone numbers at which a payee is known to a provider.

use email_address::{EmailAddress, Options};

use crate::{DetailsProblem, check::line, checked_text::checked_text};

/// The most characters of an address (RFC 5321, section 4.5.3.1).
const EMAIL_CHARS: usize = 254;

checked_text! {
    /// An email address with a dotted host, without a display name and without quotes.
    Email
}

checked_text! {
    /// A telephone number in the form of E.164: `+`, the country's code and the rest, 8 to 15 digits.
    Phone
}

impl Email {
    /// The address, trimmed.
    ///
    /// # Errors
    /// When it is none, or none that a provider would take.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = line(text, EMAIL_CHARS)?;
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        EmailAddress::parse_with_options(&text, options).map_err(|_| DetailsProblem::Malformed)?;
        if text.contains(['"', ' ']) { Err(DetailsProblem::Malformed) } else { Ok(Self(text)) }
    }
}

impl Phone {
    /// The number without what people put between its digits.
    ///
    /// # Errors
    /// When it does not begin with `+` and a country's code, or is too short or too long.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = line(text, 40)?;
        let number = text.strip_prefix('+').ok_or(DetailsProblem::Malformed)?;
        let is_filler = |c: char| c == ' ' || matches!(c, '-' | '.' | '/' | '(' | ')');
        let digits: String = number.chars().filter(|c| !is_filler(*c)).collect();
        let is_number = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(format!("+{digits}"))) } else { Err(DetailsProblem::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(Email::parse(" ada+pay@sub.example.com ").unwrap().as_str(), "ada+pay@sub.example.com");
        assert_eq!(Email::parse("ü@münchen.de").unwrap().as_str(), "ü@münchen.de");
        for bad in
            ["a", "a@b", "@b.co", "a b@c.de", "Ada <a@b.co>", "\"a b\"@c.de", "a@[10.0.0.1]", "a@b.co\r\nx"]
        {
            assert_eq!(Email::parse(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
        assert_eq!(Email::parse("  "), Err(DetailsProblem::Missing));
        let long = format!("{}@example.com", "a".repeat(250));
        assert_eq!(Email::parse(&long), Err(DetailsProblem::TooLong { limit: 254 }));
    }

    #[test]
    fn numbers() {
        assert_eq!(Phone::parse("+1 (408) 555-0123").unwrap().as_str(), "+14085550123");
        for bad in ["408 555 0123", "+0123456789", "+1 408", "+1234567890123456", "+1 408 555 012x"] {
            assert_eq!(Phone::parse(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
    }
}
