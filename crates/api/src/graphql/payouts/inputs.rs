use async_graphql::InputObject;
use domain::payouts::NewRequest;
use ids::{FileId, PartnerId, PayoutBatchId, ProgramId, RewardId};

use super::enums::PayoutStatus;
use crate::graphql::scalars::CurrencyCode;

/// Which payouts a list shows.
#[derive(InputObject, Default)]
pub struct PayoutFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// Of one of these partners, at most 100.
    #[graphql(validator(max_items = 100))]
    partner_ids: Option<Vec<PartnerId>>,
    /// In one of these states.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<PayoutStatus>>,
    /// In one of these batches, at most 100.
    #[graphql(validator(max_items = 100))]
    batch_ids: Option<Vec<PayoutBatchId>>,
}

impl From<PayoutFilter> for domain::payouts::PayoutFilter {
    fn from(filter: PayoutFilter) -> Self {
        Self {
            programs: filter.program_ids,
            partners: filter.partner_ids.unwrap_or_default(),
            status: filter.status.unwrap_or_default().into_iter().map(Into::into).collect(),
            batches: filter.batch_ids.unwrap_or_default(),
        }
    }
}

/// A payout that is asked for on behalf of a partner.
#[derive(InputObject)]
pub struct PayoutRequestInput {
    /// Who is to be paid: `prt_...`
    partner_id: PartnerId,
    /// What of; the program's currency when left out. Units are redeemed, not paid out.
    currency: Option<CurrencyCode>,
    /// These rewards alone, 1 to 1,000, each available; everything that is available when left out. What is owed is taken off all
    /// the same.
    #[graphql(validator(max_items = 1000))]
    reward_ids: Option<Vec<RewardId>>,
    /// The partner's invoice, which `POST /files` has taken: `fil_...`. Needed where the policy asks for one.
    invoice_id: Option<FileId>,
}

impl PayoutRequestInput {
    /// What the domain asks for.
    pub(super) fn said(self, idempotency_key: String) -> NewRequest {
        NewRequest {
            partner_id: self.partner_id,
            currency: self.currency.map(|currency| currency.0),
            rewards: self.reward_ids,
            invoice_id: self.invoice_id,
            idempotency_key,
        }
    }
}
