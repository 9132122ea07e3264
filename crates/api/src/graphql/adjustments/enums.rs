use async_graphql::Enum;

/// What happened to a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::adjustments::AdjustmentKind")]
pub enum AdjustmentKind {
    /// An amount, or amounts of lines, were given back.
    Refund,
    /// The payer's bank took everything back.
    Chargeback,
    /// A chargeback was disputed and won: it takes nothing back any more.
    ChargebackWon,
    /// The sale never was: everything is taken back.
    Void,
}

/// What a refund's amount is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::adjustments::AdjustmentBasis")]
pub enum AdjustmentBasis {
    /// The sale's gross: the price before discount and tax are taken off, which is the sale's `amount`. It counts as
    /// amount x net / gross, exactly. Where sales have a discount, what the buyer paid is less than that: say NET then.
    Gross,
    /// The sale's net: its `amount` less discount and tax.
    Net,
}

/// Why an adjustment does not count. Record another one, with another key, that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::adjustments::AdjustmentRefused")]
pub enum AdjustmentRefused {
    /// Its currency is not the sale's.
    OtherCurrency,
    /// It names a line that the sale does not have.
    UnknownLine,
}

/// What became of a sale. Of several the last one here that holds is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::adjustments::TransactionStatus")]
pub enum TransactionStatus {
    /// Nothing was taken back.
    Recorded,
    /// Refunds gave back a part of it.
    PartiallyRefunded,
    /// Refunds gave back all of it.
    Refunded,
    /// A chargeback stands: everything is taken back.
    ChargedBack,
    /// It was declared void: everything is taken back.
    Voided,
}
