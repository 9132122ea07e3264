use async_graphql::SimpleObject;
use documents::VerifyingKey;

/// A key that signs statements and self-billing invoices, as far as everybody may know it.
#[derive(Debug, Clone, SimpleObject)]
pub struct StatementKey {
    /// Its name: the `keyId` of what it has signed.
    pub id: String,
    /// The public key (Ed25519) as PEM. It verifies a signature, decoded from base64, of the bytes of the JSON:
    /// `openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in statement.json -sigfile statement.sig`.
    pub pem: String,
}

impl From<VerifyingKey> for StatementKey {
    fn from(key: VerifyingKey) -> Self {
        Self { id: key.id, pem: key.pem }
    }
}
