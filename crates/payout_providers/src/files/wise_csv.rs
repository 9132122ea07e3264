use super::{DoesNotFit, guard::harmless, table};
use crate::{Fees, LegalForm, Payment, Recipient, Submission};
use iban::IbanLike;

/// Whether the file can name them: an apostrophe before an address that a spreadsheet takes for a formula would make it another
/// address.
pub fn wise_csv_can_name(recipient: &Recipient) -> bool {
    match recipient {
        Recipient::Email { email, .. } => harmless(email) == *email,
        Recipient::Bank { .. } => true,
        Recipient::PayPal { .. } | Recipient::ByHand { .. } => false,
    }
}

/// The most rows of a file.
const MOST_ROWS: usize = 1000;

/// Wise reads columns by their names. `type` tells those who are asked for their account by email.
const COLUMNS: [&str; 10] = [
    "name",
    "recipientEmail",
    "paymentReference",
    "receiverType",
    "amountCurrency",
    "amount",
    "sourceCurrency",
    "targetCurrency",
    "IBAN",
    "type",
];

/// A batch file for Wise's website. The amount is what the recipient gets, exactly, or
/// what it costs where the recipient bears the fee. Wise passes a payment reference of ten characters on everywhere: the
/// ending of ours, by which the lists that its website gives are read.
/// Source: <https://wise.com/help/articles/2663302/how-do-i-fill-in-my-batch-template>.
///
/// # Errors
/// [`DoesNotFit`].
pub fn wise_csv(submission: &Submission) -> Result<String, DoesNotFit> {
    if submission.payments().len() > MOST_ROWS {
        return Err(DoesNotFit::TooMany { most: MOST_ROWS });
    }
    let rows: Vec<_> = submission.payments().iter().map(row).collect::<Result<_, _>>()?;
    Ok(table(std::iter::once(COLUMNS.map(str::to_owned)).chain(rows)))
}

fn row(payment: &Payment) -> Result<[String; 10], DoesNotFit> {
    let (name, form, email, iban, kind) = match &payment.recipient {
        Recipient::Bank { name, form, iban, .. } => (name, form, "", iban.electronic_str(), "IBAN"),
        Recipient::Email { name, form, email } => (name, form, email.as_str(), "", "EMAIL"),
        Recipient::PayPal { .. } | Recipient::ByHand { .. } => {
            return Err(DoesNotFit::Recipient(payment.reference.clone()));
        }
    };
    let currency = payment.amount.currency().to_string();
    Ok([
        harmless(name),
        harmless(email),
        payment.reference.ending().to_owned(),
        match form {
            LegalForm::Person => "PERSON".to_owned(),
            LegalForm::Business => "INSTITUTION".to_owned(),
        },
        match payment.fees {
            Fees::Sender => "target".to_owned(),
            Fees::Recipient => "source".to_owned(),
        },
        payment.amount.to_decimal().to_string(),
        currency.clone(),
        currency,
        iban.to_owned(),
        kind.to_owned(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_be_written_as_another_is_not_named() {
        let named = |email: &str| {
            let (name, form) = ("Ada".to_owned(), LegalForm::Person);
            wise_csv_can_name(&Recipient::Email { name, form, email: email.to_owned() })
        };
        assert!(named("ada@example.com"));
        for formula in ["+ada@example.com", "-ada@example.com", "=ada@example.com"] {
            assert!(!named(formula), "{formula}");
        }
    }
}
