//! Whose an amount is, as inputs name it: a partner or a customer.

use domain::ledger::Owner;
use ids::{CustomerId, PartnerId};

use super::error::{UserError, UserErrorCode};

/// The one that is named.
pub(super) fn owner_of(
    partner_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
) -> Result<Owner, UserError> {
    let refused = |code| UserError::at(&["input"], code, "Name either partnerId or customerId.");
    match (partner_id, customer_id) {
        (Some(_), Some(_)) => Err(refused(UserErrorCode::Invalid)),
        _ => Owner::of(partner_id, customer_id).ok_or_else(|| refused(UserErrorCode::Required)),
    }
}

/// `NOT_FOUND` of the owner that an input names.
pub(super) fn owner_not_found(owner: Owner) -> UserError {
    let (field, noun) = match owner {
        Owner::Partner(_) => ("partnerId", "partner"),
        Owner::Customer(_) => ("customerId", "customer"),
    };
    UserError::at(&["input", field], UserErrorCode::NotFound, format!("There is no such {noun}."))
}
