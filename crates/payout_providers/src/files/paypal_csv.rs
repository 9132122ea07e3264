use super::{DoesNotFit, guard::harmless, table};
use crate::{Payment, Recipient, Submission, paypal};

/// The most rows of a file.
const MOST_ROWS: usize = 5000;

/// A file for PayPal's website (Payouts Web): no header; recipient, amount, currency, customer id, note, wallet. The
/// customer id is the payment's reference.
/// Source: <https://developer.paypal.com/payouts/use-payouts/send-money/use-web-ui>.
///
/// # Errors
/// [`DoesNotFit`].
pub fn paypal_csv(submission: &Submission) -> Result<String, DoesNotFit> {
    if submission.payments().len() > MOST_ROWS {
        return Err(DoesNotFit::TooMany { most: MOST_ROWS });
    }
    let rows: Vec<_> = submission.payments().iter().map(row).collect::<Result<_, _>>()?;
    Ok(table(rows))
}

fn row(payment: &Payment) -> Result<[String; 6], DoesNotFit> {
    let unfit = || DoesNotFit::Recipient(payment.reference.clone());
    let Recipient::PayPal { handle, wallet } = &payment.recipient else { return Err(unfit()) };
    if !is_plain(handle.as_str()) {
        return Err(unfit());
    }
    let amount =
        paypal::amount_text(payment.amount).ok_or_else(|| DoesNotFit::Fraction(payment.reference.clone()))?;
    Ok([
        handle.as_str().to_owned(),
        amount,
        payment.amount.currency().to_string(),
        payment.reference.to_string(),
        harmless(&payment.note),
        wallet.as_str().to_owned(),
    ])
}

/// Whether the file can name this recipient.
pub fn paypal_csv_can_name(recipient: &Recipient) -> bool {
    matches!(recipient, Recipient::PayPal { handle, .. } if is_plain(handle.as_str()))
}

/// Whether a handle is no formula to a spreadsheet. An apostrophe before it would make it another handle; telephone
/// numbers begin with a plus, and handles at Venmo with an @.
fn is_plain(handle: &str) -> bool {
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.');
    match handle.strip_prefix(['+', '@']) {
        Some(rest) => rest.chars().all(simple),
        None => harmless(handle) == handle,
    }
}
