use async_graphql::SimpleObject;

/// An email as it would be rendered now. Tokens and ids in links are masked.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct EmailPreview {
    /// One line.
    pub subject: String,
    /// The plain body.
    pub text: String,
    /// The HTML body.
    pub html: String,
}

impl From<domain::emails::EmailPreview> for EmailPreview {
    fn from(preview: domain::emails::EmailPreview) -> Self {
        let domain::emails::EmailPreview { subject, text, html } = preview;
        Self { subject, text, html }
    }
}

/// An address for those who may not see personal data: `a•••@example.com`.
pub(super) fn masked_address(address: &str) -> String {
    let (local, host) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{host}")
}

#[cfg(test)]
mod tests {
    use super::masked_address;

    #[test]
    fn addresses_keep_a_letter_and_their_host() {
        for (address, masked) in [
            ("ada@example.com", "a•••@example.com"),
            ("ü@münchen.de", "ü•••@münchen.de"),
            ("nobody", "n•••@"),
        ] {
            assert_eq!(masked_address(address), masked);
        }
    }
}
