use crate::words::words;

words! {
    /// By which way a payee is paid.
    PayoutMethodKind {
        /// To a PayPal or Venmo account, by PayPal.
        Paypal = "PAYPAL",
        /// By Wise.
        Wise = "WISE",
        /// By a transfer between banks.
        Bank = "BANK",
        /// With credit in the seller's own shop.
        StoreCredit = "STORE_CREDIT",
        /// In a cryptocurrency, by hand.
        Crypto = "CRYPTO",
        /// By hand, as the payee described it.
        Manual = "MANUAL",
    }
}
