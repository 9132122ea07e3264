//! What can be wrong with details, and where.

use money::Currency;

/// Why a field of the details is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailsProblem {
    /// Nothing is left after trimming.
    Missing,
    /// Longer than `limit` characters.
    TooLong {
        /// The most characters that are accepted.
        limit: usize,
    },
    /// Not of the form that such a value has, or too short or too long for its kind and country.
    Malformed,
    /// The form is right, but the check digits are not: most likely a typing error.
    WrongChecksum,
    /// No bank of that country can be named so: an IBAN of a country without IBANs, a BIC of a country that there is not.
    UnknownCountry,
    /// The bank of the BIC is in another country than the account of the IBAN.
    OtherCountry,
    /// Accounts of this kind are kept in another currency.
    OtherCurrency {
        /// The currency of such accounts.
        expected: Currency,
    },
    /// The wallet cannot be reached by a receiver of this kind.
    OtherWallet,
}

/// A refused field of an input: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedField {
    /// The path below the input, outermost first, in camel case: `account`, `routingNumber`.
    pub path: Vec<&'static str>,
    /// Why.
    pub problem: DetailsProblem,
}
