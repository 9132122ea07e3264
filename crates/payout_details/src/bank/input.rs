use super::{
    AccountNumber, BankAccount, Bsb, Ifsc, InstitutionNumber, RoutingNumber, SortCode, TransitNumber,
    UsAccountType,
};
use crate::{Bic, DetailsProblem, Iban, check::Checks, countries};

/// A bank account as it was said.
#[derive(Clone, PartialEq, Eq)]
pub enum BankAccountInput {
    /// In a country with IBANs.
    Iban {
        /// The account.
        iban: String,
        /// The bank; blank is none.
        bic: Option<String>,
    },
    /// In the United States.
    Us {
        /// The bank.
        routing_number: String,
        /// The account.
        account_number: String,
        /// Its kind.
        account_type: UsAccountType,
    },
    /// In the United Kingdom.
    Gb {
        /// The branch.
        sort_code: String,
        /// The account.
        account_number: String,
    },
    /// In Canada.
    Ca {
        /// The bank.
        institution_number: String,
        /// The branch.
        transit_number: String,
        /// The account.
        account_number: String,
    },
    /// In Australia.
    Au {
        /// The branch.
        bsb: String,
        /// The account.
        account_number: String,
    },
    /// In India.
    In {
        /// The branch.
        ifsc: String,
        /// The account.
        account_number: String,
    },
    /// Anywhere else.
    Swift {
        /// The bank.
        bic: String,
        /// The account.
        account_number: String,
    },
}

impl BankAccountInput {
    pub(crate) fn check(&self, checks: &mut Checks) -> Option<BankAccount> {
        let number = |checks: &mut Checks, text: &str, count| {
            checks.take("accountNumber", AccountNumber::of_digits(text, count))
        };
        match self {
            Self::Iban { iban, bic } => check_iban(checks, iban, bic.as_deref()),
            Self::Us { routing_number, account_number, account_type } => {
                let routing_number = checks.take("routingNumber", RoutingNumber::parse(routing_number));
                let account_number = number(checks, account_number, 4..=17)?;
                let account_type = *account_type;
                Some(BankAccount::Us { routing_number: routing_number?, account_number, account_type })
            }
            Self::Gb { sort_code, account_number } => {
                let sort_code = checks.take("sortCode", SortCode::parse(sort_code));
                let account_number = number(checks, account_number, 8..=8)?;
                Some(BankAccount::Gb { sort_code: sort_code?, account_number })
            }
            Self::Ca { institution_number, transit_number, account_number } => {
                let institution = InstitutionNumber::parse(institution_number);
                let institution_number = checks.take("institutionNumber", institution);
                let transit_number = checks.take("transitNumber", TransitNumber::parse(transit_number));
                let account_number = number(checks, account_number, 5..=12)?;
                let (institution_number, transit_number) = (institution_number?, transit_number?);
                Some(BankAccount::Ca { institution_number, transit_number, account_number })
            }
            Self::Au { bsb, account_number } => {
                let bsb = checks.take("bsb", Bsb::parse(bsb));
                let account_number = number(checks, account_number, 4..=9)?;
                Some(BankAccount::Au { bsb: bsb?, account_number })
            }
            Self::In { ifsc, account_number } => {
                let ifsc = checks.take("ifsc", Ifsc::parse(ifsc));
                let account_number = number(checks, account_number, 9..=18)?;
                Some(BankAccount::In { ifsc: ifsc?, account_number })
            }
            Self::Swift { bic, account_number } => {
                let bic = checks.take("bic", Bic::parse(bic));
                let account_number =
                    checks.take("accountNumber", AccountNumber::of_any_form(account_number))?;
                Some(BankAccount::Swift { bic: bic?, account_number })
            }
        }
    }
}

fn check_iban(checks: &mut Checks, iban: &str, bic: Option<&str>) -> Option<BankAccount> {
    let iban = checks.take("iban", Iban::parse(iban));
    let bic = checks.take_optional("bic", bic, Bic::parse)?;
    let (iban, country) = (iban.as_ref()?, bic.as_ref().map(Bic::country));
    if country.is_some_and(|country| !countries::are_one_for_banks(country, iban.country())) {
        checks.refuse("bic", DetailsProblem::OtherCountry);
        return None;
    }
    Some(BankAccount::Iban { iban: iban.clone(), bic })
}
