use async_graphql::{Context, SimpleObject};
use domain::stats::{DateRange, Metric, RankedPartner, Ranking, Subject};
use ids::ProgramId;
use money::Currency;

use super::{
    object::{PartnerStats, Period},
    rights,
};
use crate::graphql::{context::Request, error::ApiError, partners::Partner};

/// The most partners of a ranking.
const MOST: i32 = 100;

/// A partner, and what it has done.
#[derive(SimpleObject)]
pub struct TopPartner {
    /// The partner.
    partner: Partner,
    /// Its figures of the range.
    stats: PartnerStats,
}

impl TopPartner {
    pub(super) fn of(ranked: RankedPartner, range: DateRange) -> Self {
        let RankedPartner { partner, figures, .. } = ranked;
        let period = Period::known(Subject::Partner(partner.id), range, figures);
        Self { partner: partner.into(), stats: PartnerStats(period) }
    }
}

/// The best partners of these programs by a figure that the viewer may see; by an amount, of the currency.
pub(super) async fn rank(
    ctx: &Context<'_>,
    programs: Option<Vec<ProgramId>>,
    (range, first): (DateRange, i32),
    (by, currency): (Metric, Option<Currency>),
) -> Result<Vec<RankedPartner>, ApiError> {
    rights::check(ctx, by)?;
    if !by.is_of_partners() {
        return Err(ApiError::BadInput("Partners have no such figure."));
    }
    if by.is_money() && currency.is_none() {
        return Err(ApiError::BadInput("Amounts are compared in one currency: name it."));
    }
    let currency = currency.filter(|_| by.is_money());
    let ranking = Ranking { programs, range, by, currency, first: first.clamp(0, MOST).into() };
    Ok(Request::loader(ctx)?.load_one(ranking).await?.unwrap_or_default())
}
