use domain::payout_methods::{ArchiveError, CreateError, PayeeError};
use payout_details::PayoutDetailsInput;

use super::refused;
use crate::graphql::error::{ApiError, Refusal, UserError, UserErrorCode};

/// Why no method was set, with these details.
pub(super) fn of_create(error: CreateError, said: &PayoutDetailsInput) -> Refusal {
    match error {
        CreateError::NotFound => UserError::not_found("partnerId", "partner").into(),
        CreateError::Shared => shared(),
        CreateError::Invalid(problems) => Refusal::User(refused::errors(said, &problems)),
        CreateError::Seal => {
            tracing::error!("details of a payout method could not be sealed");
            Refusal::Api(ApiError::Internal)
        }
        CreateError::Database(error) => error.into(),
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::NotFound => {
                let sentence = "There is no such partner, or it has no payout method.";
                UserError::at(&["partnerId"], UserErrorCode::NotFound, sentence).into()
            }
            ArchiveError::Shared => shared(),
            ArchiveError::Database(error) => error.into(),
        }
    }
}

impl From<PayeeError> for Refusal {
    fn from(error: PayeeError) -> Self {
        match error {
            PayeeError::NotFound => UserError::not_found("partnerId", "partner").into(),
            PayeeError::Shared => shared(),
            PayeeError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            PayeeError::Database(error) => error.into(),
        }
    }
}

fn shared() -> Refusal {
    let sentence =
        "This person is also a partner of programs beyond your reach, and would be paid otherwise there too.";
    UserError::at(&["partnerId"], UserErrorCode::Forbidden, sentence).into()
}
