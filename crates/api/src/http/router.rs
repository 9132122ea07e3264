use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, get, post},
};

use super::{
    app::App,
    console,
    edge::{Came, around},
    files, graphiql, handler, hooks,
    live::{socket, stream},
    negotiate::Media,
    refusal::Refusal,
    respond, statement_keys,
};
use crate::auth::{invite_page, reset_page, verify_page};

/// Everything that the public port serves.
pub fn router(app: Arc<App>) -> Router {
    let graphql: MethodRouter<Arc<App>> = get(handler::get).post(handler::post).fallback(method_not_allowed);
    let streams: MethodRouter<Arc<App>> = get(stream::get).post(stream::post).fallback(method_not_allowed);
    Router::new()
        .route("/graphql", graphql)
        .route("/graphql/stream", streams)
        .route("/graphql/ws", get(socket::upgrade))
        .route("/graphql/assets/{name}", get(graphiql::asset))
        .route("/graphql/console.js", get(console::script))
        .route("/graphql/console.css", get(console::style))
        .route("/files", post(files::give).fallback(post_only))
        .route("/files/{id}", get(files::show).fallback(get_only))
        .route("/.well-known/refero/statement-keys", get(statement_keys::show).fallback(get_only))
        .route("/hooks/paypal", post(hooks::paypal).fallback(post_only))
        .route("/invite", get(invite_page::page))
        .route("/invite/invite.js", get(invite_page::script))
        .route("/reset", get(reset_page::page))
        .route("/reset/reset.js", get(reset_page::script))
        .route("/verify", get(verify_page::page))
        .route("/verify/verify.js", get(verify_page::script))
        .route("/verify/verify.css", get(verify_page::style))
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), around))
        .with_state(app)
}

async fn method_not_allowed(request: Request) -> Response {
    refused(request, &Refusal::method_not_allowed("Send GET or POST.", "GET, POST"))
}

async fn post_only(request: Request) -> Response {
    refused(request, &Refusal::method_not_allowed("Send POST.", "POST"))
}

async fn get_only(request: Request) -> Response {
    refused(request, &Refusal::method_not_allowed("Send GET.", "GET"))
}

/// What is answered where nothing is.
pub(crate) async fn not_found(request: Request) -> Response {
    refused(request, &Refusal::transport(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here."))
}

fn refused(request: Request, refusal: &Refusal) -> Response {
    let (parts, _) = request.into_parts();
    respond::refusal(Media::Json, refusal, &Came::of(&parts).request_id)
}
