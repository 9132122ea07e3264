use std::fmt;

use money::Currency;

use crate::{
    BankAccountInput, CryptoAddress, CryptoNetwork, DetailsProblem, LegalType, PayoutDetails,
    PaypalReceiverInput, PaypalWallet, RefusedField, WiseReceiver, WiseReceiverInput,
    check::{Checks, HOLDER_CHARS, compact, line, prose},
};

/// What a payee is paid by, as it was said. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum PayoutDetailsInput {
    /// By PayPal.
    Paypal {
        /// Where it shall arrive.
        wallet: PaypalWallet,
        /// Whom PayPal shall pay.
        receiver: PaypalReceiverInput,
    },
    /// By Wise.
    Wise {
        /// The name on the account.
        holder: String,
        /// Whether that is a person or a company.
        legal_type: LegalType,
        /// What shall arrive.
        currency: Currency,
        /// Where it shall arrive.
        receiver: WiseReceiverInput,
    },
    /// By a transfer between banks.
    Bank {
        /// The name on the account.
        holder: String,
        /// Where it shall arrive.
        account: BankAccountInput,
    },
    /// With credit in the seller's shop.
    StoreCredit {
        /// How the shop knows the payee, at most 200 characters; blank is none.
        reference: Option<String>,
    },
    /// In a cryptocurrency.
    Crypto {
        /// On which network.
        network: CryptoNetwork,
        /// The ticker of what is sent: 2 to 10 letters and digits.
        asset: String,
        /// Where it shall arrive.
        address: String,
        /// Whose address it is.
        holder: String,
    },
    /// By hand.
    Manual {
        /// What the payee asks for, at most 2,000 characters.
        instructions: String,
    },
}

impl PayoutDetailsInput {
    /// The details, trimmed and in their normal form.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn check(&self) -> Result<PayoutDetails, Vec<RefusedField>> {
        let mut checks = Checks::default();
        let details = self.checked(&mut checks);
        checks.done(details)
    }

    fn checked(&self, checks: &mut Checks) -> Option<PayoutDetails> {
        match self {
            Self::Paypal { wallet, receiver } => {
                let receiver = checks.within("receiver", |checks| receiver.check(*wallet, checks))?;
                Some(PayoutDetails::Paypal { wallet: *wallet, receiver })
            }
            Self::Wise { holder, legal_type, currency, receiver } => {
                let holder = checks.take("holder", line(holder, HOLDER_CHARS));
                let receiver = checks.within("receiver", |checks| receiver.check(checks));
                checks.take("currency", check_currency(*currency, receiver.as_ref()))?;
                let (legal_type, currency) = (*legal_type, *currency);
                Some(PayoutDetails::Wise { holder: holder?, legal_type, currency, receiver: receiver? })
            }
            Self::Bank { holder, account } => {
                let holder = checks.take("holder", line(holder, HOLDER_CHARS));
                let account = checks.within("account", |checks| account.check(checks))?;
                Some(PayoutDetails::Bank { holder: holder?, account })
            }
            Self::StoreCredit { reference } => {
                let reference =
                    checks.take_optional("reference", reference.as_deref(), |text| line(text, 200))?;
                Some(PayoutDetails::StoreCredit { reference })
            }
            Self::Crypto { network, asset, address, holder } => {
                let asset = checks.take("asset", ticker(asset));
                let address = checks.take("address", CryptoAddress::parse(*network, address));
                let holder = checks.take("holder", line(holder, HOLDER_CHARS))?;
                Some(PayoutDetails::Crypto { network: *network, asset: asset?, address: address?, holder })
            }
            Self::Manual { instructions } => {
                let instructions = checks.take("instructions", prose(instructions, 2_000))?;
                Some(PayoutDetails::Manual { instructions })
            }
        }
    }
}

/// Wise sends currencies, not units; and into a domestic account only its own.
fn check_currency(currency: Currency, receiver: Option<&WiseReceiver>) -> Result<(), DetailsProblem> {
    let expected = match receiver {
        Some(WiseReceiver::Account { account }) => account.currency(),
        _ => None,
    };
    match expected {
        _ if currency.is_unit() => Err(DetailsProblem::Malformed),
        Some(expected) if expected != currency => Err(DetailsProblem::OtherCurrency { expected }),
        _ => Ok(()),
    }
}

fn ticker(text: &str) -> Result<String, DetailsProblem> {
    let text = compact(text)?;
    if (2..=10).contains(&text.len()) { Ok(text) } else { Err(DetailsProblem::Malformed) }
}

impl fmt::Debug for PayoutDetailsInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayoutDetailsInput(..)")
    }
}

#[cfg(test)]
mod tests;
