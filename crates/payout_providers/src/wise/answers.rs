//! What Wise answers, as far as it is read.

use money::Currency;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Refusal;

/// A recipient account.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: u64,
}

/// A quote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    pub(super) id: String,
    pub(super) source_currency: Currency,
    pub(super) target_currency: Currency,
    /// JSON numbers, read digit by digit; of one of the two the fee decides.
    pub(super) source_amount: Option<Box<RawValue>>,
    pub(super) target_amount: Option<Box<RawValue>>,
}

/// A batch group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) status: String,
    #[serde(default)]
    pub(super) transfer_ids: Vec<u64>,
}

/// A transfer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    pub(super) id: u64,
    pub(super) status: String,
    pub(super) customer_transaction_id: Option<String>,
}

/// What came of funding; Wise answers some refusals with status 201.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Funding {
    pub(super) status: Option<String>,
    pub(super) error_code: Option<String>,
}

/// An error of the API, in the two forms that it has.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ApiError {
    Many {
        errors: Vec<Complaint>,
    },
    One {
        error: String,
        #[serde(default)]
        message: String,
    },
}

#[derive(Deserialize)]
pub(super) struct Complaint {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Option<String>,
}

impl ApiError {
    pub(super) fn refusal(&self) -> Refusal {
        match self {
            Self::One { error, message } => Refusal::new(error, message),
            Self::Many { errors } => {
                let code = errors.first().map_or("UNKNOWN", |first| first.code.as_str());
                let said = errors.iter().map(|error| match &error.path {
                    Some(path) => format!("{path}: {}", error.message),
                    None => error.message.clone(),
                });
                Refusal::new(code, said.collect::<Vec<_>>().join("; "))
            }
        }
    }
}
