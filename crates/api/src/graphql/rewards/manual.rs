use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::rewards::{CreateManualError, ManualReward};
use ids::{CustomerId, PartnerId};

use crate::graphql::{
    error::{Refusal, UserError, UserErrorCode},
    owner::{owner_not_found, owner_of},
    scalars::AmountInput,
    years::CommonYears,
};

/// A reward, bonus, credit or correction that is given by hand.
#[derive(InputObject)]
pub struct RewardManualInput {
    /// The partner who gets it, approved unless it is a correction downward. Name this or `customerId`.
    partner_id: Option<PartnerId>,
    /// The customer who gets it. Name this or `partnerId`.
    customer_id: Option<CustomerId>,
    /// How much; below 0 it is a correction downward, which takes from what is available and may make it debt. In the
    /// program's currency, in one that they have already, or in a unit that the terms of the program give; not 0, and at most
    /// 10^13 minor units.
    amount: AmountInput,
    /// Why: 1 to 500 characters. The partner reads it too.
    reason: String,
    /// The day on which it counts in figures; now when left out. At most 24 h ahead, and not older than the program's late
    /// sale days.
    #[graphql(validator(custom = "CommonYears"))]
    occurred_at: Option<DateTime<Utc>>,
    /// The same key and input again answer with the reward of the first call; other input is IDEMPOTENCY_MISMATCH. 1 to 255
    /// characters.
    idempotency_key: String,
}

impl TryFrom<RewardManualInput> for ManualReward {
    type Error = UserError;

    fn try_from(input: RewardManualInput) -> Result<Self, UserError> {
        Ok(Self {
            owner: owner_of(input.partner_id, input.customer_id)?,
            amount: input.amount.amount,
            currency: input.amount.currency.0,
            reason: input.reason,
            occurred_at: input.occurred_at,
            idempotency_key: input.idempotency_key,
        })
    }
}

impl From<CreateManualError> for Refusal {
    fn from(error: CreateManualError) -> Self {
        match error {
            CreateManualError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            CreateManualError::NotFound(owner) => owner_not_found(owner).into(),
            CreateManualError::PartnerNotApproved { current } => {
                UserError::wrong_state("partner", current).into()
            }
            CreateManualError::ProgramInDraft => UserError::wrong_state("program", "DRAFT").into(),
            CreateManualError::CurrencyNotUsed { currency } => UserError::at(
                &["input", "amount", "currency"],
                UserErrorCode::CurrencyMismatch,
                format!(
                    "{currency} is neither the program's currency, nor in their balances, nor a unit that the terms give."
                ),
            )
            .into(),
            CreateManualError::Untimely => UserError::at(
                &["input", "occurredAt"],
                UserErrorCode::Invalid,
                "This is more than 24 hours ahead, or older than the program's late sale days.",
            )
            .into(),
            CreateManualError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            CreateManualError::Database(error) => error.into(),
        }
    }
}
