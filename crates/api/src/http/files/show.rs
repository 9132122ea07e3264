use std::{convert::Infallible, fmt::Write, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use domain::files::{FileContent, ReadError};
use futures_util::stream;
use ids::{AccountId, FileId};

use super::laid_out;
use crate::{
    auth::Gate,
    graphql::{context, error::ApiError},
    http::{app::App, edge::Came, handler, live::Place, negotiate::Media, refusal::Refusal, respond},
};

/// How much of a file is handed over at once.
const PIECE: usize = 64 * 1024;

/// Nothing of a file is run where it is shown.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox";

/// `GET /files/{id}?account=..&expires=..&signature=..`: the bytes, for whoever has a link that still works.
pub(in crate::http) async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let came = Came::of(&parts);
    let answer = async {
        let link = Link::of(&parts.uri).ok_or_else(not_found)?;
        // A link is its own credential.
        let info = handler::anonymous(&came, &HeaderMap::new());
        handler::pay_deposit(&app, &info).await?;
        let data = handler::authenticate(&app, &info).await?.data;
        let request = laid_out::<context::Request>(&data)?;
        let gate = laid_out::<Arc<Gate>>(&data)?;
        let is_signed = gate.secrets.signed_file(link.account, link.file, link.expires, &link.signature);
        if !is_signed || request.act.now.timestamp() >= link.expires {
            let message = "This link works no more, or was not made here. Ask for another one.";
            return Err(Refusal::transport(StatusCode::FORBIDDEN, "FORBIDDEN", message));
        }
        let place = app.files.enter(link.account.to_string()).map_err(|_| Refusal::overloaded())?;
        let mut conn = request.conn().await.map_err(|_| Refusal::overloaded())?;
        let found = FileContent::read(&mut conn, gate.vault.as_deref(), (link.account, link.file)).await;
        let file = found.map_err(unread)?.ok_or_else(not_found)?;
        Ok(shown(file, place))
    };
    answer.await.unwrap_or_else(|refusal| respond::refusal(Media::Json, &refusal, &came.request_id))
}

fn unread(error: ReadError) -> Refusal {
    let error = match error {
        ReadError::Database(error) => error,
        ReadError::Sealed(error) => {
            tracing::error!(%error, "a file cannot be opened: is its key in PAYOUT_KEYS?");
            let message =
                "This file is sealed, and this instance has no key that opens it. Its log says which.";
            return Refusal::transport(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
        }
    };
    match ApiError::from(error) {
        ApiError::Overloaded | ApiError::Deadline => Refusal::overloaded(),
        _ => Refusal::internal(),
    }
}

fn not_found() -> Refusal {
    Refusal::transport(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here.")
}

/// What a link says.
struct Link {
    file: FileId,
    account: AccountId,
    expires: i64,
    signature: String,
}

impl Link {
    fn of(uri: &Uri) -> Option<Self> {
        let file = uri.path().rsplit('/').next()?.parse().ok()?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
        let said = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        Some(Self {
            file,
            account: said("account")?.parse().ok()?,
            expires: said("expires")?.parse().ok()?,
            signature: said("signature")?.to_owned(),
        })
    }
}

fn shown(file: FileContent, place: Place) -> Response {
    let length = HeaderValue::from(file.bytes.len());
    let mut response = Response::new(in_pieces(file.bytes, place));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length);
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&file.content_type).unwrap_or(octets));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let attachment = HeaderValue::from_static("attachment");
    let named = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{}", ext_value(&file.name)));
    headers.insert(header::CONTENT_DISPOSITION, named.unwrap_or(attachment));
    response
}

/// The bytes piece by piece, as fast as the client takes them; the file has its place until they are gone.
fn in_pieces(bytes: Vec<u8>, place: Place) -> Body {
    let pieces = stream::unfold((Bytes::from(bytes), place), |(mut rest, place)| async move {
        let piece = rest.split_to(PIECE.min(rest.len()));
        (!piece.is_empty()).then_some((Ok::<_, Infallible>(piece), (rest, place)))
    });
    Body::from_stream(pieces)
}

/// A name as RFC 8187 writes it in a header.
fn ext_value(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte))
            }
            _ => _ = write!(text, "%{byte:02X}"),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(ext_value("Rechnung 7.pdf"), "Rechnung%207.pdf");
        assert_eq!(ext_value("ü\"\r\n;x"), "%C3%BC%22%0D%0A%3Bx");
    }

    #[test]
    fn a_link_says_all_or_nothing() {
        let of = |text: &str| Link::of(&text.parse().unwrap()).is_some();
        let (file, account) = ("fil_01h455vb4pex5vsknk084sn02q", "acc_01h455vb4pex5vsknk084sn02q");
        assert!(of(&format!("/files/{file}?account={account}&expires=1&signature=x")));
        assert!(!of(&format!("/files/{file}?account={account}&expires=1")));
        assert!(!of(&format!("/files/{account}?account={account}&expires=1&signature=x")));
        assert!(!of(&format!("/files/{file}?account={account}&expires=soon&signature=x")));
    }
}
