use money::Currency;

use crate::{
    payout_methods::Route,
    payout_policies::PayoutMethodKind,
    payouts::{Accounts, Reach},
    text_enum,
};

text_enum! {
    /// Over what a batch is paid.
    Rail {
        /// PayPal's Payouts API.
        Paypal = "PAYPAL",
        /// Wise's API.
        Wise = "WISE",
        /// A SEPA credit transfer file (pain.001.001.09) for the owner's bank; euro alone.
        SepaFile = "SEPA_FILE",
        /// A file for PayPal's mass payments.
        PaypalFile = "PAYPAL_FILE",
        /// A file for Wise's batch payments.
        WiseFile = "WISE_FILE",
        /// A file that lists what is to be paid, for whatever pays it.
        File = "FILE",
        /// Credit that the owner's shop gives as soon as it hears of the payouts.
        StoreCredit = "STORE_CREDIT",
        /// By hand.
        Manual = "MANUAL",
    }
}

impl Rail {
    /// Which kinds of methods it reaches.
    pub fn reaches(self) -> &'static [PayoutMethodKind] {
        match self {
            Self::Paypal | Self::PaypalFile => &[PayoutMethodKind::Paypal],
            Self::Wise | Self::WiseFile => &[PayoutMethodKind::Wise],
            Self::SepaFile => &[PayoutMethodKind::Bank],
            Self::StoreCredit => &[PayoutMethodKind::StoreCredit],
            Self::Manual => &[PayoutMethodKind::Crypto, PayoutMethodKind::Manual],
            Self::File => PayoutMethodKind::ALL,
        }
    }

    /// Where a batch over it pays to: by these kinds of methods, or by all that it knows; beyond another rail, to what that does not
    /// reach of its own kinds.
    pub(super) fn reach<'a>(
        self,
        (methods, beyond): (Option<&'a [PayoutMethodKind]>, Option<Self>),
        currency: Currency,
    ) -> Reach<'a> {
        Reach {
            kinds: methods.unwrap_or(beyond.unwrap_or(self).reaches()),
            accounts: self.accounts(currency),
            but: beyond.filter(|rail| rail.carries(currency)).map(|rail| rail.accounts(currency)),
        }
    }

    /// To which accounts it pays money of this currency.
    pub(super) fn accounts(self, currency: Currency) -> Accounts {
        // Whoever pays by a list of their own sees to the currency.
        Accounts { routes: self.routes(), currency: (self != Self::File).then_some(currency) }
    }

    /// To accounts of which form it pays.
    fn routes(self) -> &'static [Route] {
        match self {
            Self::Paypal | Self::PaypalFile => &[Route::Paypal],
            Self::Wise | Self::WiseFile => &[Route::WiseEmail, Route::WiseIban],
            Self::SepaFile => &[Route::BankSepa],
            Self::StoreCredit => &[Route::StoreCredit],
            Self::Manual => &[Route::Crypto, Route::Manual],
            Self::File => Route::ALL,
        }
    }

    /// Whether money of this currency can be paid over it.
    pub fn carries(self, currency: Currency) -> bool {
        match self {
            Self::Paypal | Self::PaypalFile => payout_details::paypal_pays(currency),
            Self::SepaFile => currency == Currency::EUR,
            Self::Wise | Self::WiseFile | Self::File | Self::StoreCredit | Self::Manual => {
                !currency.is_unit()
            }
        }
    }

    /// How many payouts one submission has at most.
    pub fn chunk(self) -> i64 {
        match self {
            // PayPal takes 15,000 items in one call. What became of a submission is settled in one transaction, whose time is
            // bounded, and a payout may have hundreds of rewards.
            Self::Paypal => 1_000,
            // A group at Wise takes three calls for each transfer, and should be made within one run of a job.
            Self::Wise => 100,
            // Wise reads 1,000 rows of a file, PayPal 5,000.
            Self::WiseFile => 1_000,
            Self::PaypalFile | Self::SepaFile => 5_000,
            // What is to be done by hand may be long, and a file has at most 10 MiB.
            Self::File => 1_000,
            Self::StoreCredit | Self::Manual => 500,
        }
    }

    /// Whether a provider is called, and says what became of a payout.
    pub fn is_called(self) -> bool {
        matches!(self, Self::Paypal | Self::Wise)
    }

    /// Whether people pay, or the owner's shop: a list says whom and where, and nothing waits for it.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::StoreCredit | Self::Manual)
    }

    /// Whether a file is made for somebody to send.
    pub fn is_file(self) -> bool {
        matches!(self, Self::PaypalFile | Self::WiseFile | Self::SepaFile | Self::File)
    }
}
