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
    Trigger later ["LEAD", "CLICK", "CUSTOM", "PARTNER_REFERRED"];
    Beneficiary later [];
    Stacking later [];
    Base later [];
    Of later [];
    Reversal later [];
    ValueType later [];
    Per later [];
    DurationType later [];
    DurationStart later [];
    Metric later [];
    Period later [];
    ConditionField later [];
    ConditionOp later [];
}

text_enum! {
    /// What makes a rule look at an event.
    Trigger {
        /// A customer signed up.
        Signup = "SIGNUP",
        /// A recorded sale.
        Sale = "SALE",
        /// What the partner has brought reached a step.
        Milestone = "MILESTONE",
    }
}

text_enum! {
    /// Who gets the reward.
    Beneficiary {
        /// The partner to whom the customer is attributed.
        Partner = "PARTNER",
        /// The customer who was referred.
        Referred = "REFERRED",
        /// The partner so many steps above that one.
        Upline = "UPLINE",
    }
}

text_enum! {
    /// How rules share the lines of a sale.
    #[derive(Default)]
    Stacking {
        /// Sees the lines that no earlier exclusive rule took, and takes them.
        #[default]
        Exclusive = "EXCLUSIVE",
        /// Sees all lines and takes none.
        Add = "ADD",
    }
}

text_enum! {
    /// What a percentage is taken of.
    #[derive(Default)]
    Base {
        /// The net of the lines.
        #[default]
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
        /// So many of a unit.
        Units = "UNITS",
    }
}

text_enum! {
    /// What a rule gives of.
    #[derive(Default)]
    Of {
        /// The event itself.
        #[default]
        Base = "BASE",
        /// The money rewards that the attributed partner gets for the same sale.
        Reward = "REWARD",
    }
}

text_enum! {
    /// What a partial refund does to a reward.
    #[derive(Default)]
    Reversal {
        /// It takes back its share.
        #[default]
        Proportional = "PROPORTIONAL",
        /// Nothing, until everything is taken back.
        Whole = "WHOLE",
    }
}

text_enum! {
    /// What is counted of what a partner has brought, of what is qualified.
    Metric {
        /// Customers who signed up.
        Signups = "SIGNUPS",
        /// Sales, without those that were taken back as a whole.
        Sales = "SALES",
        /// Customers with such a sale.
        Customers = "CUSTOMERS",
        /// Net less refunds, in the program's currency.
        Revenue = "REVENUE",
        /// The net of this sale, in the program's currency.
        SaleAmount = "SALE_AMOUNT",
    }
}

text_enum! {
    /// A period of the program's calendar.
    #[derive(Default)]
    Period {
        /// Without beginning or end.
        #[default]
        All = "ALL",
        /// A local date.
        Day = "DAY",
        /// An ISO week, from Monday.
        Week = "WEEK",
        /// A calendar month.
        Month = "MONTH",
        /// A calendar year.
        Year = "YEAR",
    }
}

text_enum! {
    /// What a condition looks at.
    ConditionField {
        /// The attributed partner's tags.
        PartnerTag = "partner.tag",
        /// The attributed partner's group.
        PartnerGroup = "partner.group",
        /// The customer's tags.
        CustomerTag = "customer.tag",
        /// The customer's country.
        CustomerCountry = "customer.country",
        /// The sale's currency.
        SaleCurrency = "sale.currency",
        /// FIRST for the customer's first sale that counts, else RECURRING.
        SaleKind = "sale.kind",
        /// The coupon that was used.
        SaleCoupon = "sale.coupon",
        /// The sale's net in its own currency.
        SaleAmount = "sale.amount",
        /// The sale's own time.
        SaleAt = "sale.at",
        /// A line's product.
        LineProductId = "line.productId",
        /// The kind of a line's product.
        LineProductType = "line.productType",
    }
}

text_enum! {
    /// How a condition compares.
    ConditionOp {
        /// Is one of the list.
        In = "IN",
        /// Is none of the list, or missing.
        NotIn = "NOT_IN",
        /// Is at least.
        Gte = "GTE",
        /// Is below.
        Lt = "LT",
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
        /// A number of the customer's sales.
        Count = "COUNT",
        /// A number of days.
        Days = "DAYS",
        /// A number of months.
        Months = "MONTHS",
        /// A number of years.
        Years = "YEARS",
    }
}

text_enum! {
    /// From when a duration counts.
    #[derive(Default)]
    DurationStart {
        /// The customer's attribution.
        #[default]
        Attribution = "ATTRIBUTION",
        /// The customer's first recorded sale that still counts.
        FirstSale = "FIRST_SALE",
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

text_enum! {
    /// What the rewards of a percentage are counted in.
    RewardCurrency {
        /// The program's currency, converted by the stored rate.
        Program = "PROGRAM",
        /// The sale's own currency.
        Sale = "SALE",
    }
}

impl Of {
    /// Whether it is of the event itself.
    pub fn is_base(&self) -> bool {
        *self == Self::Base
    }
}

impl Reversal {
    /// Whether a partial refund takes back its share.
    pub fn is_proportional(&self) -> bool {
        *self == Self::Proportional
    }
}

impl Period {
    /// Whether it has no beginning.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}
