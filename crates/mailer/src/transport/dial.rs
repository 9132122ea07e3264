use std::time::Duration;

use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::SendError;

/// A connection to a host that sends at once what is written. lettre writes the end of a message apart from the message:
/// the system would keep it back until the server has acknowledged the rest, which servers delay by 40 ms.
///
/// Each address of the host has `limit`, so that one dead address leaves time for the next.
pub(super) async fn dial((host, port): (&str, u16), limit: Duration) -> Result<TcpStream, SendError> {
    let unreachable = |error: String| SendError::transient(format!("Connection error: {error}"));
    let addresses = lookup_host((host, port)).await.map_err(|error| unreachable(error.to_string()))?;
    let mut missed = "the name has no address".to_owned();
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
                return Ok(stream);
            }
            Ok(Err(error)) => missed = error.to_string(),
            Err(_) => missed = "connection timed out".to_owned(),
        }
    }
    Err(unreachable(missed))
}
