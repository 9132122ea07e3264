//! GraphiQL, when it was bundled before this was built; otherwise the small console takes its place.

use axum::{
    extract::{Path, Request},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{console, router};

/// Only what this server serves is run, and only this server is talked to. Monaco, the editor in GraphiQL, writes style
/// elements and attributes and parses in workers; its icons and pictures are data within its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
                      style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a browser gets at `/graphql`.
pub(crate) fn page() -> Response {
    let Some(page) = graphiql::page() else { return console::page() };
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept"),
    ];
    (headers, page).into_response()
}

/// `GET /graphql/assets/{name}`. Names follow from contents, so a browser keeps an asset for ever. It comes compressed
/// whatever is accepted, because every browser reads gzip and nothing else asks for it.
pub(crate) async fn asset(Path(name): Path<String>, request: Request) -> Response {
    let Some(asset) = graphiql::asset(&name) else { return router::not_found(request).await };
    let tag = format!("\"{}\"", asset.name);
    let headers = [
        (header::CONTENT_TYPE, content_type(asset.name)),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ETAG, &tag),
    ];
    if is_known(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_ENCODING, "gzip")], asset.gzip).into_response()
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let texts = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    }
}
