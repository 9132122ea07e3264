use std::{
    iter::{from_fn, once},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use tokio::time::timeout;

use crate::SendError;

/// A refused message is no reason to wait long for a polite good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// Says one message on a connection. `handed_over` becomes true when its last byte is written: from then on the server may
/// take it whatever becomes of us. lettre's own `send` does not tell that moment.
///
/// After an error the connection is closed and of no use.
pub(super) async fn deliver(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    bytes: &[u8],
    handed_over: &AtomicBool,
) -> Result<Response, SendError> {
    let parameters = parameters(connection, envelope, bytes)?;
    let said = say(connection, envelope, parameters, bytes, handed_over).await;
    if said.is_err() {
        // The answer to the message is what counts, not the one to QUIT.
        drop(timeout(GOOD_BYE, connection.abort()).await);
    }
    said.map_err(|error| SendError::about_the_message(&error))
}

async fn say(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    parameters: Vec<MailParameter>,
    bytes: &[u8],
    handed_over: &AtomicBool,
) -> Result<Response, Error> {
    connection.command(Mail::new(envelope.from().cloned(), parameters)).await?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
    }
    connection.command(Data).await?;
    // Asked for only when all before it is written.
    let end = from_fn(|| {
        handed_over.store(true, Ordering::Relaxed);
        None
    });
    connection.message_iter(once(bytes).chain(end)).await
}

/// What the server must be told, or why it cannot carry this message.
fn parameters(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
    bytes: &[u8],
) -> Result<Vec<MailParameter>, SendError> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::permanent("the address is not ASCII and the server has no SMTPUTF8"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !bytes.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(SendError::permanent("the message is not ASCII and the server has no 8BITMIME"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}
