use async_graphql::{ComplexObject, Context, SimpleObject};
use domain::stats::{DateRange, Figures, Metric, Question, RankedPartner, Subject, ratio};
use money::Currency;
use rust_decimal::Decimal;

use super::{enums::Dimension, rights, series::decimal, top_partners::rank};
use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    partners::Partner,
    scalars::CurrencyCode,
};

/// A part of a figure.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct BreakdownRow {
    /// What names the part: the id of the partner, or the code of the currency.
    key: String,
    /// How many, or in major units of the currency how much.
    value: Decimal,
    /// The currency of an amount; null for what is counted.
    currency: Option<CurrencyCode>,
    /// The part of the whole, from 0 to 1 with four decimals; of a partner, of what all partners come to. Null for amounts of
    /// several currencies, which have no sum.
    share: Option<Decimal>,
    #[graphql(skip)]
    of_partner: Option<domain::partners::Partner>,
}

/// A part of a figure.
#[ComplexObject]
impl BreakdownRow {
    /// What people call the part: the name of the partner, or the code of the currency.
    async fn label(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        match &self.of_partner {
            Some(partner) => {
                let profile = Request::loader(ctx)?.load_one(partner.profile_id).await?;
                Ok(profile.ok_or(ApiError::Internal)?.name)
            }
            None => Ok(self.key.clone()),
        }
    }

    /// The partner; null when it is not broken down by partner.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self) -> Option<Partner> {
        self.of_partner.clone().map(Partner::from)
    }
}

/// The largest parts of a program's figure, the largest first.
pub(super) async fn rows(
    ctx: &Context<'_>,
    program: &domain::programs::Program,
    (range, first): (DateRange, i32),
    (by, metric): (Dimension, Metric),
    currency: Option<Currency>,
) -> Result<Vec<BreakdownRow>, ApiError> {
    match by {
        Dimension::Partner => {
            let permission = domain::team::Permission::PartnersRead;
            if !Request::of(ctx).viewer.permits(permission) {
                return Err(ApiError::Forbidden(permission));
            }
            let currency = metric.is_money().then(|| currency.unwrap_or(program.currency));
            let ranked = rank(ctx, Some(vec![program.id]), (range, first), (metric, currency)).await?;
            Ok(ranked.into_iter().map(|ranked| of_partner(ranked, currency)).collect())
        }
        Dimension::Currency => {
            rights::check(ctx, metric)?;
            if !metric.is_money() && metric != Metric::Sales {
                return Err(ApiError::BadInput("Only sales, revenue and rewards are of a currency."));
            }
            let question = Question::of(Subject::Programs(Some(vec![program.id])), range);
            let answer = Request::loader(ctx)?.load_one(question).await?.unwrap_or_default();
            let figures = answer.into_values().next().unwrap_or_default();
            let mut rows = of_currencies(&figures, metric, currency);
            rows.truncate(usize::try_from(first).unwrap_or(0));
            Ok(rows)
        }
    }
}

fn of_partner(ranked: RankedPartner, currency: Option<Currency>) -> BreakdownRow {
    BreakdownRow {
        key: ranked.partner.id.to_string(),
        value: decimal(ranked.value, currency),
        currency: currency.map(CurrencyCode),
        share: ratio(ranked.value, ranked.total),
        of_partner: Some(ranked.partner),
    }
}

fn of_currencies(figures: &Figures, metric: Metric, only: Option<Currency>) -> Vec<BreakdownRow> {
    let wanted = figures.by_currency().filter(|amounts| only.is_none_or(|only| only == amounts.currency));
    let mut parts: Vec<(i64, Currency)> = wanted
        .map(|amounts| match metric {
            Metric::Sales => (amounts.sales, amounts.currency),
            _ => (metric.value(figures, Some(amounts.currency)), amounts.currency),
        })
        .filter(|(value, _)| *value != 0)
        .collect();
    parts.sort_by_key(|(value, currency)| (std::cmp::Reverse(*value), *currency));
    let row = |(value, currency): (i64, Currency)| BreakdownRow {
        key: currency.to_string(),
        value: decimal(value, metric.is_money().then_some(currency)),
        currency: metric.is_money().then_some(CurrencyCode(currency)),
        share: if metric.is_money() { None } else { ratio(value, figures.sales) },
        of_partner: None,
    };
    parts.into_iter().map(row).collect()
}
