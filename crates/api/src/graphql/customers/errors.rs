//! What the refusals of verbs on customers say.

use domain::{
    attribution::Touch,
    customers::{ConfirmError, EnrolError, ReassignError, ReferrerProblem, UpsertError},
};

use crate::graphql::error::{Refusal, UserError, UserErrorCode};

const NO_EMAIL: &str = "This customer has no email address: say it by customerUpsert first.";
const IS_PARTNER: &str = "The person of this customer's email address is a partner of this program already, and not as this customer.";

fn at(field: &str, code: UserErrorCode, sentence: impl Into<String>) -> Refusal {
    UserError::at(&["input", field], code, sentence).into()
}

impl From<UpsertError> for Refusal {
    fn from(error: UpsertError) -> Self {
        match error {
            UpsertError::ProgramNotFound => {
                at("programId", UserErrorCode::NotFound, "There is no such program.")
            }
            UpsertError::TouchNotFound(touch) => {
                let (field, noun) = match touch {
                    Touch::LinkSlug(_) => ("linkSlug", "link"),
                    Touch::Partner(_) => ("partnerId", "partner"),
                    Touch::PartnerKey(_) => ("partnerKey", "partner"),
                    Touch::Referrer(_) => ("referringCustomerKey", "customer"),
                };
                at(field, UserErrorCode::NotFound, format!("There is no such {noun} in the program."))
            }
            UpsertError::ConfirmsNobody { kind } => {
                let sentence = format!("In a program of the kind {kind} nobody confirms.");
                at("confirmed", UserErrorCode::Invalid, sentence)
            }
            UpsertError::Referrer(problem) => referrer_refused(problem, &["input"]).into(),
            UpsertError::WrongState { current } => UserError::wrong_state("program", current).into(),
            UpsertError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            UpsertError::Database(error) => error.into(),
        }
    }
}

/// Why the customer who is named does not refer the one of the input at this path.
pub fn referrer_refused(problem: ReferrerProblem, path: &[&str]) -> UserError {
    let (code, sentence) = match problem {
        ReferrerProblem::NotFound => {
            (UserErrorCode::NotFound, "There is no such customer in the program.".to_owned())
        }
        ReferrerProblem::Itself => (UserErrorCode::Invalid, "Nobody refers themselves.".to_owned()),
        ReferrerProblem::WrongKind { kind } => {
            (UserErrorCode::Invalid, format!("In a program of the kind {kind} customers refer nobody."))
        }
        ReferrerProblem::EmailMissing => (UserErrorCode::WrongState, NO_EMAIL.to_owned()),
        ReferrerProblem::AlreadyPartner => (UserErrorCode::Taken, IS_PARTNER.to_owned()),
    };
    UserError::at(&[path, &["referringCustomerKey"]].concat(), code, sentence)
}

impl From<ConfirmError> for Refusal {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotFound => no_customer(),
            ConfirmError::WrongState { current } => UserError::wrong_state("program", current).into(),
            ConfirmError::Database(error) => error.into(),
        }
    }
}

impl From<EnrolError> for Refusal {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::NotFound => no_customer(),
            EnrolError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            EnrolError::WrongKind { kind } => {
                let sentence = format!("In a program of the kind {kind} customers refer nobody.");
                UserError::at(&["input"], UserErrorCode::WrongState, sentence).into()
            }
            EnrolError::WrongState { current } => UserError::wrong_state("program", current).into(),
            EnrolError::EmailMissing => UserError::at(&["input"], UserErrorCode::WrongState, NO_EMAIL).into(),
            EnrolError::AlreadyPartner => UserError::at(&["input"], UserErrorCode::Taken, IS_PARTNER).into(),
            EnrolError::KeyTaken => {
                at("partnerKey", UserErrorCode::Taken, "Another partner of this program has this key.")
            }
            EnrolError::Database(error) => error.into(),
        }
    }
}

impl From<ReassignError> for Refusal {
    fn from(error: ReassignError) -> Self {
        match error {
            ReassignError::Invalid(problems) => Self::User(UserError::of_fields(&problems)),
            ReassignError::NotFound => {
                at("customerId", UserErrorCode::NotFound, "There is no such customer.")
            }
            ReassignError::PartnerNotFound => at(
                "partnerId",
                UserErrorCode::NotFound,
                "There is no such partner in the customer's program.",
            ),
            ReassignError::Itself => at("partnerId", UserErrorCode::Invalid, "Nobody refers themselves."),
            ReassignError::Unchanged => {
                let sentence = "The customer belongs to this partner, or to nobody, already.";
                at("partnerId", UserErrorCode::WrongState, sentence)
            }
            ReassignError::WrongState { current } => UserError::wrong_state("program", current).into(),
            ReassignError::IdempotencyMismatch => {
                UserError::idempotency_mismatch(&["input", "idempotencyKey"]).into()
            }
            ReassignError::Database(error) => error.into(),
        }
    }
}

fn no_customer() -> Refusal {
    UserError::at(&["input"], UserErrorCode::NotFound, "There is no such customer.").into()
}
