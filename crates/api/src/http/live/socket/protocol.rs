//! The messages of `graphql-transport-ws`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::close::Close;
use crate::http::{params::Params, refusal::Refusal, respond::GraphqlBody};

/// What a client may ask for in `Sec-WebSocket-Protocol`.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// The longest id of an operation, in bytes. Clients send a UUID or a number.
const LONGEST_ID: usize = 128;

/// What a client says.
#[derive(Debug)]
pub(super) enum ClientMessage {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    /// The parameters may be wrong; then only this operation fails.
    Subscribe {
        id: String,
        params: Result<Params, Refusal>,
    },
    Complete {
        id: String,
    },
}

impl ClientMessage {
    /// Reads a text message.
    ///
    /// # Errors
    /// 4400 for what the protocol does not know.
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Close::bad_message("A message must be a JSON object."));
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(Close::bad_message("A message must have a type."));
        };
        let payload = message.remove("payload").filter(|payload| !payload.is_null());
        match (kind.as_str(), payload) {
            ("connection_init", None) => Ok(Self::Init(Map::new())),
            ("connection_init", Some(Value::Object(payload))) => Ok(Self::Init(payload)),
            ("ping", payload @ (None | Some(Value::Object(_)))) => Ok(Self::Ping(payload)),
            ("pong", None | Some(Value::Object(_))) => Ok(Self::Pong),
            ("subscribe", Some(Value::Object(payload))) => {
                Ok(Self::Subscribe { id: id(&mut message)?, params: Params::from_object(payload) })
            }
            ("complete", None) => Ok(Self::Complete { id: id(&mut message)? }),
            ("connection_init" | "ping" | "pong" | "subscribe" | "complete", _) => {
                Err(Close::bad_message("The payload of a message must be an object, where there is one."))
            }
            _ => Err(Close::bad_message("The type of a message is unknown.")),
        }
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Ok(id),
        _ => Err(Close::bad_message("The id of an operation must be a text of at most 128 bytes.")),
    }
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: &'a GraphqlBody,
    },
    Error {
        id: &'a str,
        payload: &'a Value,
    },
    Complete {
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "a message could not be written as JSON");
            String::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<u16> {
        ClientMessage::read(text).err().map(|close| close.code)
    }

    #[test]
    fn only_messages_of_the_protocol_are_read() {
        for good in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"ping","payload":{"a":1}}"#,
            r#"{"type":"pong"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"complete","id":"1"}"#,
        ] {
            assert_eq!(code(good), None, "{good}");
        }
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"ping","payload":"x"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":7,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":"{a}"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert_eq!(code(bad), Some(4400), "{bad}");
        }
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(129));
        assert_eq!(code(&long), Some(4400));
    }

    #[test]
    fn messages_of_ours_are_as_the_protocol_has_them() {
        assert_eq!(ServerMessage::ConnectionAck.text(), r#"{"type":"connection_ack"}"#);
        assert_eq!(ServerMessage::Pong { payload: None }.text(), r#"{"type":"pong"}"#);
        assert_eq!(ServerMessage::Complete { id: "1" }.text(), r#"{"type":"complete","id":"1"}"#);
    }
}
