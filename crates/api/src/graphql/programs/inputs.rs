use async_graphql::{InputObject, MaybeUndefined};
use domain::programs::{NewProgram, ProgramChanges};

use super::enums::{AttributionModel, Grandfathering, LinkStyle, ProgramKind, ProgramStatus};
use crate::graphql::scalars::{CurrencyCode, MoneyInput};

/// A program to be created. What is left out gets its usual value.
#[derive(InputObject)]
pub struct ProgramCreateInput {
    /// Who brings customers, and when one counts. It stays.
    #[graphql(default_with = "ProgramKind::Affiliate")]
    kind: ProgramKind,
    /// 1 to 200 characters.
    name: String,
    /// What rewards are paid in. It stays.
    currency: CurrencyCode,
    /// Its name in addresses: 1 to 60 of a-z, 0-9, `-` and `_`, unique in the account. Made of the name when left out.
    slug: Option<String>,
    /// The site that partners send visitors to, an http or https address.
    website: Option<String>,
    /// IANA time zone of the program's calendar, e.g. `Europe/Berlin`; UTC when left out. Fixed once terms are published or
    /// a partner came in.
    time_zone: Option<String>,
    /// FOLLOW when left out. Fixed once terms are published.
    grandfathering: Option<Grandfathering>,
    /// The query parameter of links: `via` when left out.
    link_parameter: Option<String>,
    /// QUERY when left out.
    link_style: Option<LinkStyle>,
    /// LAST_CLICK when left out.
    attribution_model: Option<AttributionModel>,
    /// How long a click counts, 1 to 3,650 days of 24 h; 60 when left out.
    attribution_window_days: Option<i32>,
    /// Whether applications are approved at once; false when left out.
    auto_approve: Option<bool>,
    /// How old a sale may be when it is recorded, 0 to 3,650 days of 24 h; 90 when left out.
    late_sale_days: Option<i32>,
    /// The same key and input again answer with the program of the first call; 1 to 255 characters.
    #[graphql(validator(min_length = 1, max_length = 255))]
    idempotency_key: Option<String>,
}

impl From<ProgramCreateInput> for NewProgram {
    fn from(input: ProgramCreateInput) -> Self {
        Self {
            kind: input.kind.into(),
            name: input.name,
            currency: input.currency.0,
            slug: input.slug,
            website: input.website,
            time_zone: input.time_zone,
            grandfathering: input.grandfathering.map(Into::into),
            link_parameter: input.link_parameter,
            link_style: input.link_style.map(Into::into),
            attribution_model: input.attribution_model.map(Into::into),
            attribution_window_days: input.attribution_window_days,
            auto_approve: input.auto_approve,
            late_sale_days: input.late_sale_days,
            idempotency_key: input.idempotency_key,
        }
    }
}

/// Changes of a program's settings; what is left out stays as it is.
#[derive(InputObject)]
pub struct ProgramUpdateInput {
    /// 1 to 200 characters.
    name: Option<String>,
    /// 1 to 60 of a-z, 0-9, `-` and `_`, unique in the account.
    slug: Option<String>,
    /// An http or https address.
    website: Option<String>,
    /// IANA time zone. Fixed once terms are published or a partner came in.
    time_zone: Option<String>,
    /// Fixed once terms are published.
    grandfathering: Option<Grandfathering>,
    /// The query parameter of links.
    link_parameter: Option<String>,
    /// How links name their partner.
    link_style: Option<LinkStyle>,
    /// Which of several clicks wins.
    attribution_model: Option<AttributionModel>,
    /// 1 to 3,650 days of 24 h.
    attribution_window_days: Option<i32>,
    /// Whether applications are approved at once.
    auto_approve: Option<bool>,
    /// 0 to 3,650 days of 24 h.
    late_sale_days: Option<i32>,
    /// The most that the program's rewards may come to, in its currency and at least 0. Rewards by rules in that currency count,
    /// also held ones and those under review, as long as nothing takes them back: what refunds reversed and reviews rejected counts
    /// no more. Units, other currencies and what is given by hand do not count. The reward that would pass it is cut to what is left. Null takes the bound away. A
    /// budget below what was earned takes nothing back.
    reward_budget: MaybeUndefined<MoneyInput>,
}

impl From<ProgramUpdateInput> for ProgramChanges {
    fn from(input: ProgramUpdateInput) -> Self {
        Self {
            name: input.name,
            slug: input.slug,
            website: input.website,
            time_zone: input.time_zone,
            grandfathering: input.grandfathering.map(Into::into),
            link_parameter: input.link_parameter,
            link_style: input.link_style.map(Into::into),
            attribution_model: input.attribution_model.map(Into::into),
            attribution_window_days: input.attribution_window_days,
            auto_approve: input.auto_approve,
            late_sale_days: input.late_sale_days,
            reward_budget: Option::from(input.reward_budget)
                .map(|budget: Option<MoneyInput>| budget.map(|budget| (budget.amount, budget.currency.0))),
        }
    }
}

/// Which programs a list shows.
#[derive(InputObject, Default)]
pub struct ProgramFilter {
    /// Of one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<ProgramStatus>>,
    /// With this text in the name, whatever the case.
    #[graphql(validator(max_length = 100))]
    search: Option<String>,
}

impl From<ProgramFilter> for domain::programs::ProgramFilter {
    fn from(filter: ProgramFilter) -> Self {
        let status = filter.status.unwrap_or_default().into_iter().map(Into::into).collect();
        Self { status, search: filter.search }
    }
}
