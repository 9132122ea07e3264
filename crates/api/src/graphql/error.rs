//! Errors of the edge. [`ApiError`] has no `Display`: async-graphql turns anything that has one into a message for the
//! client, and a database's words must never get there. This is the one file that names `async_graphql::Error`.

use async_graphql::{Enum, ErrorExtensionValues, Json, SimpleObject};
use domain::{
    db::{DatabaseError, DbUnavailable},
    team::Permission,
    text::{FieldProblem, TextProblem},
};

/// Why a field could not be answered at all. What a caller can mend by other input is a [`UserError`] instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiError {
    /// No credential, or one that is not valid.
    Unauthenticated,
    /// The credential does not carry the right.
    Forbidden(Permission),
    /// Only operators of the instance may do this.
    OperatorsOnly,
    /// The credential names no account, and its user has several.
    AccountRequired,
    /// The account that is named does not exist, or the viewer is no member of it.
    AccountNotFound,
    /// The account is suspended or closed.
    AccountSuspended,
    /// Too much is going on at the moment: passwords, connections, or transactions in each other's way.
    Overloaded,
    /// A cursor or filter that cannot be read.
    BadInput(&'static str),
    /// Too many calls; again after so many seconds.
    RateLimited {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The database took longer than the deadline.
    Deadline,
    /// A bug or a failure of ours; logged where it arose.
    Internal,
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let (code, message) = match error {
            ApiError::Unauthenticated => ("UNAUTHENTICATED", "Authentication is required.".to_owned()),
            ApiError::Forbidden(needs) => ("FORBIDDEN", format!("This needs the permission {needs}.")),
            ApiError::OperatorsOnly => {
                ("FORBIDDEN", "Only operators of this instance may do this.".to_owned())
            }
            ApiError::AccountRequired => (
                "ACCOUNT_REQUIRED",
                "You are a member of several accounts: name one in X-Account-Id.".to_owned(),
            ),
            ApiError::AccountNotFound => {
                ("ACCOUNT_NOT_FOUND", "You are a member of no such account.".to_owned())
            }
            ApiError::AccountSuspended => ("ACCOUNT_SUSPENDED", "This account is suspended.".to_owned()),
            ApiError::Overloaded => ("OVERLOADED", "The server is busy; try again later.".to_owned()),
            ApiError::BadInput(what) => ("BAD_USER_INPUT", what.to_owned()),
            ApiError::RateLimited { retry_after } => {
                ("RATE_LIMITED", format!("Too many requests. Try again in {retry_after} s."))
            }
            ApiError::Deadline => ("DEADLINE", "This took too long and was ended.".to_owned()),
            ApiError::Internal => ("INTERNAL", "Something went wrong on our side.".to_owned()),
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        if let ApiError::RateLimited { retry_after } = error {
            extensions.set("retryAfter", retry_after);
        }
        let mut error = Self::new(message);
        error.extensions = Some(extensions);
        error
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        if domain::db::is_timeout(&error) {
            return Self::Deadline;
        }
        if domain::db::is_passing(&error) {
            tracing::warn!(%error, "a query met others, or no connection");
            return Self::Overloaded;
        }
        tracing::error!(%error, "a query failed");
        Self::Internal
    }
}

impl From<DbUnavailable> for ApiError {
    fn from(error: DbUnavailable) -> Self {
        tracing::warn!(%error, "no connection");
        Self::Overloaded
    }
}

/// Something in the input that the caller can mend. The mutation changed nothing.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// The path into the input, e.g. `["input", "email"]`; null when no single field is at fault.
    pub field: Option<Vec<String>>,
    /// A sentence for a person.
    pub message: String,
    /// A word for a machine.
    pub code: UserErrorCode,
    /// Facts that belong to the code, e.g. the present state.
    pub details: Option<Json<serde_json::Value>>,
}

/// What is wrong with the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// The field must be given.
    Required,
    /// The value is not of the form or in the range that is asked for.
    Invalid,
    /// Another object has this value already.
    Taken,
    /// No such object, or not within your reach.
    NotFound,
    /// You may not do this to this object.
    Forbidden,
    /// The value is too long.
    TooLong,
    /// More than may be done at once.
    LimitExceeded,
    /// The object's state does not allow this; `details.current` tells the state.
    WrongState,
    /// Less is available than the amount; `details.available` tells how much.
    InsufficientBalance,
    /// The currencies do not match.
    CurrencyMismatch,
    /// The refunds of a sale together would exceed it; `details.left` tells what is left of its gross.
    RefundExceedsSale,
    /// The partner is not paid now; `details.reason` says why, in a word of `PayoutLeftOutReason`.
    NotPayable,
    /// Less could be paid than the least that is paid; `details.available` and `details.minimum` tell both.
    BelowMinimum,
    /// The total is another one than was confirmed; `details.total` tells it.
    TotalMismatch,
    /// This instance keeps no payout methods, because its operator has not set PAYOUT_KEYS.
    VaultMissing,
    /// The same idempotency key or natural key was used with other input. An idempotency key is one account's and one mutation's,
    /// and is remembered for good; a call that was refused does not use it up.
    IdempotencyMismatch,
    /// The invite's seven days are over.
    InviteExpired,
    /// The address has a user, who must log in first.
    LogInRequired,
}

impl UserError {
    /// An error of no single field.
    pub fn new(code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { field: None, message: message.into(), code, details: None }
    }

    /// An error of the field at this path.
    pub fn at(path: &[&str], code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { field: Some(path.iter().map(ToString::to_string).collect()), ..Self::new(code, message) }
    }

    /// `NOT_FOUND` of the id in this field: also what is not yours.
    pub fn not_found(field: &str, noun: &str) -> Self {
        Self::at(&[field], UserErrorCode::NotFound, format!("There is no such {noun}."))
    }

    /// `WRONG_STATE` with the present state.
    pub fn wrong_state(noun: &str, current: impl ToString) -> Self {
        let current = current.to_string();
        let message = format!("The {noun} is {current}, which does not allow this.");
        let details = Some(Json(serde_json::json!({ "current": current })));
        Self { details, ..Self::new(UserErrorCode::WrongState, message) }
    }

    /// `IDEMPOTENCY_MISMATCH` of the key in this field.
    pub fn idempotency_mismatch(path: &[&str]) -> Self {
        Self::at(path, UserErrorCode::IdempotencyMismatch, "This key was used before with other input.")
    }

    /// One error per refused field, under `input`.
    pub fn of_fields(problems: &[FieldProblem]) -> Vec<Self> {
        Self::of_fields_under(&["input"], problems)
    }

    /// One error per refused field, under this path.
    pub fn of_fields_under(path: &[&str], problems: &[FieldProblem]) -> Vec<Self> {
        problems.iter().map(|problem| Self::of_field(path, problem)).collect()
    }

    /// As [`UserError::of_fields`], for a mutation whose `idempotencyKey` stands beside its input.
    pub fn of_fields_and_key(problems: &[FieldProblem]) -> Vec<Self> {
        let path = |problem: &FieldProblem| match problem.path.first().map(String::as_str) {
            Some("idempotencyKey") => &[][..],
            _ => &["input"][..],
        };
        problems.iter().map(|problem| Self::of_field(path(problem), problem)).collect()
    }

    /// The problem of one argument.
    pub fn of_argument(field: &str, problem: TextProblem) -> Self {
        Self::of_field(&[], &FieldProblem::of(field, problem))
    }

    fn of_field(path: &[&str], problem: &FieldProblem) -> Self {
        let mut path = path.to_vec();
        path.extend(problem.path.iter().map(String::as_str));
        match problem.problem {
            TextProblem::Missing => Self::at(&path, UserErrorCode::Required, "This must be given."),
            TextProblem::TooLong { limit } => {
                Self::at(&path, UserErrorCode::TooLong, format!("At most {limit} are allowed."))
            }
            TextProblem::Malformed => Self::at(&path, UserErrorCode::Invalid, "This is not a valid value."),
        }
    }
}

/// How a verb's failure reaches the caller: as errors of theirs in the payload, or as one of ours.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// Goes into `userErrors`.
    User(Vec<UserError>),
    /// Becomes an error of the whole field.
    Api(ApiError),
}

impl From<UserError> for Refusal {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        Self::Api(error.into())
    }
}
