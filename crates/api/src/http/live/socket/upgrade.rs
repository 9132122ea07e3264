use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State, ws::WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};

use super::{
    greeting::{Greeting, Provenance},
    protocol::SUBPROTOCOL,
    session,
};
use crate::http::{
    app::App, client_addr::address_key, config::HttpConfig, edge::Came, handler, live::places::Place,
    negotiate::Media, refusal::Refusal, request_info::RequestInfo, respond,
};

/// Of each socket's buffers, in bytes. What a message needs beyond it is had while it is read or written.
const BUFFER: usize = 4 * 1024;

/// `GET /graphql/ws`.
pub(crate) async fn upgrade(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let came = Came::of(&parts);
    let opened = open(&app, &came, parts).await;
    opened.unwrap_or_else(|refusal| respond::refusal(Media::Json, &refusal, &came.request_id))
}

async fn open(app: &Arc<App>, came: &Came, mut parts: Parts) -> Result<Response, Refusal> {
    let provenance = provenance(&app.config, &parts.headers)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, app).await.map_err(|_| {
        Refusal::transport(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", "Open a WebSocket here.")
    })?;
    let anonymous = handler::anonymous(came, &parts.headers);
    handler::pay_deposit(app, &anonymous).await?;
    let place = place(app, &anonymous)?;
    let greeting = Greeting::new(anonymous, &parts.headers, &app.config, provenance)?;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(app.config.body_bytes)
        .max_frame_size(app.config.body_bytes)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER);
    let app = Arc::clone(app);
    let task = app.running.clone();
    Ok(upgrade.on_upgrade(move |socket| task.track_future(session::run(app, socket, greeting, place))))
}

fn place(app: &App, info: &RequestInfo) -> Result<Place, Refusal> {
    if app.ending.is_cancelled() {
        return Err(Refusal::overloaded());
    }
    Ok(app.places.enter(address_key(info.client))?)
}

/// Browsers say which page opens a socket, and let any page open it: this is what keeps foreign ones out.
fn provenance(config: &HttpConfig, headers: &HeaderMap) -> Result<Provenance, Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(Provenance::Program) };
    let origin = origin.to_str().unwrap_or("?");
    let is = |known: &str| origin.eq_ignore_ascii_case(known);
    if is(config.public_url.origin()) {
        return Ok(Provenance::Ours);
    }
    if config.live.origins.iter().any(|known| is(known)) {
        return Ok(Provenance::Allowed);
    }
    let message = format!("Sockets are opened by pages of {} only.", config.public_url.origin());
    Err(Refusal::transport(StatusCode::FORBIDDEN, "ORIGIN", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_pages_open_sockets() {
        let mut config = HttpConfig::for_testing();
        config.public_url = "https://refero.example.com".parse().unwrap();
        config.live.origins = vec!["https://shop.example.com".to_owned()];
        let judge = |origin: &str| {
            let headers = HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())]);
            provenance(&config, &headers).map_err(|refusal| refusal.status.as_u16())
        };
        assert_eq!(judge("https://refero.example.com"), Ok(Provenance::Ours));
        assert_eq!(judge("https://shop.example.com"), Ok(Provenance::Allowed));
        for foreign in ["https://evil.example.com", "http://refero.example.com", "null", ""] {
            assert_eq!(judge(foreign), Err(403), "{foreign}");
        }
        assert_eq!(provenance(&config, &HeaderMap::new()).ok(), Some(Provenance::Program));
    }
}
