use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use money::{Currency, Money as Amount};

use super::{
    enums::{AdjustmentBasis, AdjustmentKind, AdjustmentRefused},
    loader::SaleOfKey,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    programs::Program,
    scalars::Money,
    transactions::Transaction,
};

/// What became of a sale after it was recorded: a refund, a chargeback, a won dispute or a void.
#[derive(Clone)]
pub struct Adjustment(pub domain::adjustments::Adjustment);

impl From<domain::adjustments::Adjustment> for Adjustment {
    fn from(adjustment: domain::adjustments::Adjustment) -> Self {
        Self(adjustment)
    }
}

/// What a refund gave back of one line of its sale.
#[derive(Clone, SimpleObject)]
pub struct RefundLine {
    /// The line, numbered from 0: the items in their order, then what they leave of the net.
    line: i32,
    /// Net.
    amount: Money,
}

impl Adjustment {
    fn money(currency: Currency, minor: i64) -> Money {
        Amount::new(minor, currency).into()
    }
}

/// What became of a sale after it was recorded: a refund, a chargeback, a won dispute or a void.
#[Object]
impl Adjustment {
    /// `adj_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// What happened.
    async fn kind(&self) -> AdjustmentKind {
        self.0.kind.into()
    }

    /// Your name for it, unique among the adjustments of the program.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Your name for its sale; null of a won dispute that came before its chargeback.
    async fn transaction_key(&self) -> Option<&str> {
        self.0.transaction_key.as_deref()
    }

    /// Its sale; null while it waits for it.
    async fn transaction(&self, ctx: &Context<'_>) -> Result<Option<Transaction>, ApiError> {
        let Some(key) = self.0.transaction_key.clone() else { return Ok(None) };
        let sale = Request::loader(ctx)?.load_one(SaleOfKey(self.0.program_id, key)).await?;
        Ok(sale.map(Transaction))
    }

    /// The key of the chargeback that was won; null of other kinds.
    async fn chargeback_key(&self) -> Option<&str> {
        self.0.chargeback_key.as_deref()
    }

    /// What a refund gave back, as it was said; null of other kinds, and where only lines were named.
    async fn amount(&self) -> Option<Money> {
        Some(Self::money(self.0.currency?, self.0.amount?))
    }

    /// What the amount is a part of.
    async fn basis(&self) -> AdjustmentBasis {
        self.0.basis.into()
    }

    /// What a refund gave back of which lines, as it was said; they beat the amount. Empty where none were named.
    async fn lines(&self) -> Vec<RefundLine> {
        let Some((currency, lines)) = self.0.currency.zip(self.0.lines.as_ref()) else { return Vec::new() };
        let line = |line: &domain::adjustments::RefundLine| RefundLine {
            line: i32::try_from(line.line).unwrap_or(i32::MAX),
            amount: Self::money(currency, line.amount),
        };
        lines.0.iter().map(line).collect()
    }

    /// Why it does not count; null if it counts, or waits.
    async fn refused(&self) -> Option<AdjustmentRefused> {
        self.0.refused.map(Into::into)
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
