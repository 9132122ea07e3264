use hyper::Method;
use iban::IbanLike;
use money::Currency;
use serde::Serialize;

use super::{Wise, answers::Account, request::Failed};
use crate::{LegalForm, Payment, Recipient, Refusal};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'a> {
    profile: u64,
    currency: Currency,
    #[serde(rename = "type")]
    kind: &'static str,
    account_holder_name: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    legal_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    iban: Option<&'a str>,
}

impl Wise {
    /// Makes the recipient of a payment at Wise. One that stands there twice does no harm.
    pub(super) async fn create_recipient(&self, payment: &Payment) -> Result<Account, Failed> {
        let create = compose(payment, self.config.profile).map_err(|refusal| Failed::Refused {
            status: 0,
            refusal: refusal.of_payment(&payment.reference),
        })?;
        self.send_json(Method::POST, "/v1/accounts", &create).await
    }
}

fn compose(payment: &Payment, profile: u64) -> Result<Create<'_>, Refusal> {
    let currency = payment.amount.currency();
    let create = |kind, account_holder_name, form, email, iban| {
        let details = Details { legal_type: legal_type(form), email, iban };
        Create { profile, currency, kind, account_holder_name, details }
    };
    match &payment.recipient {
        Recipient::Email { name, form, email } => Ok(create("email", name, *form, Some(email), None)),
        Recipient::Bank { name, form, iban, .. } => {
            Ok(create("iban", name, *form, None, Some(iban.electronic_str())))
        }
        Recipient::PayPal { .. } | Recipient::ByHand { .. } => Err(Refusal::new(
            "RECIPIENT_NOT_SUPPORTED",
            "Wise pays bank accounts with an IBAN and email addresses",
        )),
    }
}

fn legal_type(form: LegalForm) -> &'static str {
    match form {
        LegalForm::Person => "PRIVATE",
        LegalForm::Business => "BUSINESS",
    }
}
