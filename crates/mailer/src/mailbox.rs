use std::str::FromStr;

use lettre::{Address, message};
use url::Host;

/// A name and an address, as said by people: checked when a message is built, not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Shown by mail programs; control characters become spaces.
    pub name: Option<String>,
    /// `somebody@example.com`.
    pub address: String,
}

impl Mailbox {
    /// A mailbox with a name; a blank name is none.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        let name = name.into();
        let name = if name.trim().is_empty() { None } else { Some(name) };
        Self { name, address: address.into() }
    }

    /// A mailbox without a name.
    pub fn bare(address: impl Into<String>) -> Self {
        Self { name: None, address: address.into() }
    }

    /// The checked form; the error is a sentence without the address itself.
    pub(crate) fn checked(&self) -> Result<message::Mailbox, &'static str> {
        let name = self.name.as_deref().map(one_line).filter(|name| !name.is_empty());
        Ok(message::Mailbox::new(name, checked_address(&self.address)?))
    }

    /// The domain in its ASCII form.
    pub(crate) fn domain(&self) -> Result<String, &'static str> {
        Ok(checked_address(&self.address)?.domain().to_owned())
    }
}

impl FromStr for Mailbox {
    type Err = &'static str;

    /// Reads `Name <somebody@example.com>` or `somebody@example.com`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let mailbox = match text.strip_suffix('>').and_then(|head| head.rsplit_once('<')) {
            Some((name, address)) => Self::new(name.trim().trim_matches('"'), address),
            None => Self::bare(text),
        };
        mailbox.checked().map(|_| mailbox)
    }
}

/// International domains travel in their ASCII form, which every server takes; the part before the @ has no
/// such form and stays as it is.
fn checked_address(address: &str) -> Result<Address, &'static str> {
    const BAD: &str = "this is not an email address";
    if address.chars().any(char::is_control) {
        return Err("an email address must not contain control characters");
    }
    let (user, domain) = address.trim().rsplit_once('@').ok_or(BAD)?;
    if domain.is_ascii() {
        return Address::new(user, domain).map_err(|_| BAD);
    }
    match Host::parse(domain) {
        Ok(Host::Domain(ascii)) => Address::new(user, ascii).map_err(|_| BAD),
        _ => Err(BAD),
    }
}

/// One printable line: controls, line separators and characters that turn the reading direction become
/// spaces, so that a value can neither end a header nor pretend to be another sentence.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_read_with_and_without_a_name() {
        for (text, name, address) in [
            ("ada@example.com", None, "ada@example.com"),
            ("Ada <ada@example.com>", Some("Ada"), "ada@example.com"),
            ("\"Ada, Countess\" <ada@example.com>", Some("Ada, Countess"), "ada@example.com"),
            (" <ada@example.com> ", None, "ada@example.com"),
            ("Refero <refero@localhost>", Some("Refero"), "refero@localhost"),
        ] {
            let expected = Mailbox { name: name.map(str::to_owned), address: address.to_owned() };
            assert_eq!(text.parse::<Mailbox>(), Ok(expected), "{text}");
        }
        for text in ["", "ada", "ada@", "@example.com", "Ada <ada@example.com", "a b@example.com", "a@b@c"] {
            assert!(text.parse::<Mailbox>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_line_and_an_address_cannot_contain_one() {
        let mailbox = Mailbox::new("Eve\r\nBcc: all@example.com", "eve@example.com");
        let checked = mailbox.checked().unwrap();
        assert_eq!(checked.name.as_deref(), Some("Eve  Bcc: all@example.com"));
        assert!(Mailbox::bare("eve@example.com\r\nRCPT TO:<x@example.com>").checked().is_err());
        assert!(Mailbox::bare("eve@example.com>\u{0}").checked().is_err());
    }

    #[test]
    fn international_domains_become_ascii() {
        let checked = Mailbox::bare("info@müller.example").checked().unwrap();
        assert_eq!(checked.email.to_string(), "info@xn--mller-kva.example");
    }
}
