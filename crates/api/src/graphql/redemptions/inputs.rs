use async_graphql::InputObject;
use domain::redemptions::NewRedemption;
use ids::{CustomerId, PartnerId, ProgramId};

use crate::graphql::{error::UserError, owner::owner_of, scalars::AmountInput};

/// A redemption: of points or credits, or of a customer's money.
#[derive(InputObject)]
pub struct RedemptionInput {
    /// The partner who redeems; a partner redeems units only, as money is paid out. Name this or `customerId`.
    partner_id: Option<PartnerId>,
    /// The customer who redeems. Name this or `partnerId`.
    customer_id: Option<CustomerId>,
    /// How much, above 0 and at most what is available.
    amount: AmountInput,
    /// What for: 1 to 500 characters.
    reason: String,
    /// Your name for it: 1 to 255 characters, unique in the program. The same key and input again answer with the same
    /// redemption, whatever is available by then; other input with the same key is IDEMPOTENCY_MISMATCH.
    key: String,
}

impl TryFrom<RedemptionInput> for NewRedemption {
    type Error = UserError;

    fn try_from(input: RedemptionInput) -> Result<Self, UserError> {
        Ok(Self {
            owner: owner_of(input.partner_id, input.customer_id)?,
            amount: input.amount.amount,
            currency: input.amount.currency.0,
            reason: input.reason,
            key: input.key,
        })
    }
}

/// Which redemptions a list shows.
#[derive(InputObject, Default)]
pub struct RedemptionFilter {
    /// Of one of these programs, at most 100.
    #[graphql(validator(max_items = 100))]
    program_ids: Option<Vec<ProgramId>>,
    /// By one of these partners, at most 100.
    #[graphql(validator(max_items = 100))]
    partner_ids: Option<Vec<PartnerId>>,
    /// By one of these customers, at most 100.
    #[graphql(validator(max_items = 100))]
    customer_ids: Option<Vec<CustomerId>>,
}

impl From<RedemptionFilter> for domain::redemptions::RedemptionFilter {
    fn from(filter: RedemptionFilter) -> Self {
        Self {
            programs: filter.program_ids,
            partners: filter.partner_ids.unwrap_or_default(),
            customers: filter.customer_ids.unwrap_or_default(),
        }
    }
}
