//! The closed vocabulary of rules: which words exist, and which of the reward semantics exist only later. Reading,
//! evaluation and the sentences all match on these enums, so that a new word cannot be forgotten in one of them.

use crate::text_enum;

/// A closed set of words, as a field of a rule holds them.
pub trait Word: Sized + Copy + 'static {
    /// The words that exist.
    const EXISTING: &'static [Self];
    /// Words that the reward semantics name and that do not exist yet.
    const LATER: &'static [&'static str];

    /// The member of that word.
    fn parse(word: &str) -> Option<Self>;

    /// The word itself.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($name:ident later [$($later:literal),*];)+) => {
        $(impl Word for $name {
            const EXISTING: &'static [Self] = Self::ALL;
            const LATER: &'static [&'static str] = &[$($later),*];

            fn parse(word: &str) -> Option<Self> {
                Self::from_word(word)
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        })+
    };
}

words! {
    Trigger later ["SIGNUP", "MILESTONE"];
    Beneficiary later ["REFERRED", "UPLINE"];
    Stacking later [];
    Base later [];
    ValueType later ["UNITS"];
    Per later [];
    DurationType later ["COUNT", "DAYS", "MONTHS", "YEARS"];
    DurationStart later ["FIRST_SALE"];
}

/// The fields of a rule.
pub(super) const RULE_FIELDS: &[&str] =
    &["id", "trigger", "beneficiary", "priority", "stacking", "value", "base", "duration"];

/// The fields of a rule that do not exist yet.
pub(super) const LATER_RULE_FIELDS: &[&str] =
    &["level", "of", "startAfter", "endAfter", "conditions", "tiers", "caps", "reversal", "milestone"];

/// The fields of a value.
pub(super) const VALUE_FIELDS: &[&str] = &["type", "percent", "amount", "per"];

/// The fields of a value that do not exist yet.
pub(super) const LATER_VALUE_FIELDS: &[&str] = &["unit"];

/// The fields of a duration.
pub(super) const DURATION_FIELDS: &[&str] = &["type", "from"];

/// The fields of a duration that do not exist yet.
pub(super) const LATER_DURATION_FIELDS: &[&str] = &["n"];

text_enum! {
    /// What makes a rule look at an event.
    Trigger {
        /// A recorded sale.
        Sale = "SALE",
    }
}

text_enum! {
    /// Who gets the reward.
    Beneficiary {
        /// The partner to whom the customer is attributed.
        Partner = "PARTNER",
    }
}

text_enum! {
    /// How rules share the lines of a sale.
    Stacking {
        /// Sees the lines that no earlier exclusive rule took, and takes them.
        Exclusive = "EXCLUSIVE",
        /// Sees all lines and takes none.
        Add = "ADD",
    }
}

text_enum! {
    /// What a percentage is taken of.
    Base {
        /// The net of the lines.
        Net = "NET",
        /// The net of the lines times gross / net of the sale.
        Gross = "GROSS",
    }
}

text_enum! {
    /// The kinds of value.
    ValueType {
        /// A percentage.
        Percent = "PERCENT",
        /// An amount.
        Fixed = "FIXED",
    }
}

text_enum! {
    /// What a fixed amount is paid for, when not once for the sale.
    Per {
        /// Each unit: the amount times the quantities of the lines.
        Unit = "UNIT",
    }
}

text_enum! {
    /// The kinds of duration.
    DurationType {
        /// As long as the customer buys.
        Lifetime = "LIFETIME",
    }
}

text_enum! {
    /// From when a duration counts.
    DurationStart {
        /// The customer's attribution.
        Attribution = "ATTRIBUTION",
    }
}

text_enum! {
    /// What becomes of a sale whose customer is the partner.
    SelfReferral {
        /// It earns nothing.
        Reject = "REJECT",
        /// It earns, under review.
        Review = "REVIEW",
        /// Nothing is checked.
        Allow = "ALLOW",
    }
}
