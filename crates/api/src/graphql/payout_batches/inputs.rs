use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::payout_batches::NewBatch;
use ids::{PartnerId, ProgramId};

use super::enums::{PayoutBatchStatus, PayoutRail};
use crate::graphql::{payout_policies::PayoutMethodKind, scalars::CurrencyCode, years::CommonYears};

/// A batch of payouts: of a program, in one currency, over one rail.
#[derive(InputObject)]
pub struct PayoutBatchInput {
    /// The program: `prg_...`
    program_id: ProgramId,
    /// The currency; the program's when left out.
    currency: Option<CurrencyCode>,
    /// Over what it is paid. It reaches those methods that its description names.
    rail: PayoutRail,
    /// It takes rewards whose hold had ended by then; now when left out, and not later than now. Approved payouts are taken as
    /// they are.
    #[graphql(validator(custom = "CommonYears"))]
    cutoff_at: Option<DateTime<Utc>>,
    /// These kinds of methods alone, at least one; all that the rail reaches when left out.
    #[graphql(validator(max_items = 100))]
    methods: Option<Vec<PayoutMethodKind>>,
    /// These partners alone, 1 to 1,000; all when left out.
    #[graphql(validator(max_items = 1000))]
    partner_ids: Option<Vec<PartnerId>>,
    /// Those accounts alone that this rail does not reach, of the kinds of methods that it pays unless `methods` says others; for
    /// FILE alone. FILE beyond WISE lists for people what Wise cannot pay. All accounts when left out.
    beyond: Option<PayoutRail>,
}

impl From<PayoutBatchInput> for NewBatch {
    fn from(input: PayoutBatchInput) -> Self {
        Self {
            program_id: input.program_id,
            currency: input.currency.map(|currency| currency.0),
            rail: input.rail.into(),
            cutoff_at: input.cutoff_at,
            methods: input.methods.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            partners: input.partner_ids,
            beyond: input.beyond.map(Into::into),
        }
    }
}

/// Which batches a list shows.
#[derive(InputObject, Default)]
pub struct PayoutBatchFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<PayoutBatchStatus>>,
}

impl From<PayoutBatchFilter> for domain::payout_batches::PayoutBatchFilter {
    fn from(filter: PayoutBatchFilter) -> Self {
        Self {
            programs: filter.program_ids,
            status: filter.status.unwrap_or_default().into_iter().map(Into::into).collect(),
        }
    }
}
