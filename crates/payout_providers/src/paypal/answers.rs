//! What PayPal answers, as far as it is read. Fields that are not needed are not named.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::Refusal;

/// `POST /v1/payments/payouts`, and each page of `GET /v1/payments/payouts/{id}`.
#[derive(Deserialize)]
pub(super) struct Batch {
    pub(super) batch_header: BatchHeader,
    /// Each is an [`Item`], if it can be read: one that cannot must not hide the others.
    #[serde(default)]
    pub(super) items: Vec<Value>,
    pub(super) total_pages: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct BatchHeader {
    pub(super) payout_batch_id: String,
    pub(super) batch_status: String,
    pub(super) sender_batch_header: Option<SenderBatchHeader>,
    #[serde(default, deserialize_with = "if_readable")]
    pub(super) errors: Option<ApiError>,
}

#[derive(Deserialize)]
pub(super) struct SenderBatchHeader {
    pub(super) sender_batch_id: Option<String>,
}

/// One payment, in a batch or in a webhook.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) payout_item_id: String,
    pub(super) payout_batch_id: Option<String>,
    pub(super) transaction_id: Option<String>,
    pub(super) transaction_status: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub(super) payout_item_fee: Option<Amount>,
    pub(super) payout_item: ItemDetail,
    #[serde(default, deserialize_with = "if_readable")]
    pub(super) errors: Option<ApiError>,
}

#[derive(Deserialize)]
pub(super) struct ItemDetail {
    pub(super) sender_item_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Amount {
    pub(super) currency: String,
    pub(super) value: String,
}

/// An error of the API. That it can be read at all says that PayPal, and not something on the way, answered.
#[derive(Deserialize)]
pub(super) struct ApiError {
    pub(super) name: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    details: Details,
    #[serde(default)]
    links: Links,
}

/// A list, in most answers; an empty object in some.
#[derive(Deserialize)]
#[serde(untagged)]
enum Details {
    List(Vec<Detail>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    field: String,
    #[serde(default)]
    issue: String,
    /// PayPal calls it `link` here and `links` elsewhere.
    #[serde(default, alias = "links")]
    link: Links,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Links {
    List(Vec<Link>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    href: String,
}

/// What only explains a status must not hide it.
fn if_readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).ok())
}

impl Default for Details {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Default for Links {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Links {
    fn hrefs(&self) -> impl Iterator<Item = &str> {
        let list = match self {
            Self::List(list) => list.as_slice(),
            Self::Other(_) => &[],
        };
        list.iter().map(|link| link.href.as_str())
    }
}

impl ApiError {
    fn details(&self) -> &[Detail] {
        match &self.details {
            Details::List(list) => list,
            Details::Other(_) => &[],
        }
    }

    /// Whether PayPal says that it has the `sender_batch_id` already.
    pub(super) fn is_duplicate(&self) -> bool {
        let said = |detail: &Detail| {
            let (field, issue) = (detail.field.to_ascii_lowercase(), detail.issue.to_ascii_lowercase());
            (field.contains("sender_batch_id") || issue.contains("sender_batch_id"))
                && (issue.contains("already exists") || issue.contains("duplicate"))
        };
        self.name == "DUPLICATE_REQUEST_ID" || self.details().iter().any(said)
    }

    /// The id of the batch that has the `sender_batch_id`, from the link to it. Only the id is taken: where the link
    /// leads to does not matter.
    pub(super) fn linked_batch(&self) -> Option<String> {
        let hrefs = self.details().iter().flat_map(|detail| detail.link.hrefs()).chain(self.links.hrefs());
        hrefs.filter_map(batch_of_link).next()
    }

    /// The place of the first item that is to blame, from 0, if each issue is one of an item: without them the batch may go
    /// through.
    pub(super) fn blamed_item(&self) -> Option<usize> {
        let places: Option<Vec<usize>> =
            self.details().iter().map(|detail| item_of_field(&detail.field)).collect();
        places?.into_iter().min()
    }

    pub(super) fn refusal(&self) -> Refusal {
        self.refusal_for(|_| true)
    }

    /// What is said of one item alone: whoever is paid by it must not read of the others.
    pub(super) fn refusal_of_item(&self, place: usize) -> Refusal {
        self.refusal_for(|detail| item_of_field(&detail.field) == Some(place))
    }

    fn refusal_for(&self, is_told: impl Fn(&Detail) -> bool) -> Refusal {
        let told = self.details().iter().filter(|detail| is_told(detail));
        let issues = told.map(|detail| format!("; {}: {}", detail.field, detail.issue));
        Refusal::new(&self.name, issues.fold(self.message.clone(), |said, issue| said + &issue))
    }
}

/// The place in `items[7].receiver`, or in the JSON pointer `/items/7/receiver`.
fn item_of_field(field: &str) -> Option<usize> {
    let rest = field.strip_prefix("items[").or_else(|| field.strip_prefix("/items/"))?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

fn batch_of_link(href: &str) -> Option<String> {
    let (_, rest) = href.split_once("/v1/payments/payouts/")?;
    let id: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(details: &str) -> ApiError {
        let text = format!(
            r#"{{"name":"USER_BUSINESS_ERROR","message":"User business error.","details":{details}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_duplicate_names_the_batch_that_came_first() {
        let link =
            r#"[{"href":"https://api.sandbox.paypal.com/v1/payments/payouts/CR9VS2K4X4846","rel":"self"}]"#;
        for key in ["link", "links"] {
            let issue = "Batch with given sender_batch_id already exists";
            let said = error(&format!(r#"[{{"field":"SENDER_BATCH_ID","issue":"{issue}","{key}":{link}}}]"#));
            assert!(said.is_duplicate());
            assert_eq!(said.linked_batch().as_deref(), Some("CR9VS2K4X4846"));
        }
    }

    #[test]
    fn a_duplicate_is_told_in_several_ways() {
        for (field, issue) in [
            ("SENDER_BATCH_ID", "Batch with given sender_batch_id already exists"),
            ("sender_batch_header.sender_batch_id", "is a duplicate"),
            ("/sender_batch_header/sender_batch_id", "Duplicate value"),
            ("", "Batch with given sender_batch_id already exists"),
        ] {
            let said = error(&format!(r#"[{{"field":"{field}","issue":"{issue}"}}]"#));
            assert!(said.is_duplicate(), "{field}: {issue}");
        }
        let too_long = r#"[{"field":"sender_batch_header.sender_batch_id","issue":"is too long"}]"#;
        assert!(!error(too_long).is_duplicate());
    }

    #[test]
    fn other_errors_are_no_duplicates() {
        let invalid =
            error(r#"[{"field":"items[1].receiver","issue":"Receiver is invalid","location":"body"}]"#);
        assert!(!invalid.is_duplicate());
        assert_eq!(invalid.linked_batch(), None);
        assert_eq!(invalid.refusal().reason, "User business error.; items[1].receiver: Receiver is invalid");
        assert!(!error("{}").is_duplicate());
    }

    #[test]
    fn an_item_is_blamed_if_nothing_else_is() {
        let of = |fields: &[&str]| {
            let details: Vec<String> =
                fields.iter().map(|field| format!(r#"{{"field":"{field}","issue":"is invalid"}}"#)).collect();
            error(&format!("[{}]", details.join(","))).blamed_item()
        };
        assert_eq!(of(&["items[12].receiver"]), Some(12));
        assert_eq!(of(&["/items/3/amount/value", "items[1]"]), Some(1));
        assert_eq!(of(&["items[1].receiver", "sender_batch_header.email_subject"]), None);
        assert_eq!(of(&["items", "items[]", "items[-1]"]), None);
        let two = error(
            r#"[{"field":"items[0].receiver","issue":"Ann"},{"field":"items[1].receiver","issue":"Bob"}]"#,
        );
        assert_eq!(two.refusal_of_item(1).reason, "User business error.; items[1].receiver: Bob");
        assert_eq!(of(&[]), None);
        assert_eq!(error("{}").blamed_item(), None);
    }
}
