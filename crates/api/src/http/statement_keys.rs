use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{app::App, edge::Came, files::laid_out, handler, negotiate::Media, refusal::Refusal, respond};
use crate::auth::Gate;

/// How long others may keep the keys.
const KEPT: &str = "public, max-age=3600";

/// `GET /.well-known/refero/statement-keys`: `{"keys": [{"id", "pem"}]}`, what verifies statements and self-billing invoices, for
/// everybody.
pub(super) async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    let came = Came::of(&request.into_parts().0);
    match keys(&app, &came).await {
        Ok(keys) => ([(header::CACHE_CONTROL, KEPT)], Json(json!({ "keys": keys }))).into_response(),
        Err(refusal) => respond::refusal(Media::Json, &refusal, &came.request_id),
    }
}

async fn keys(app: &App, came: &Came) -> Result<Vec<Value>, Refusal> {
    let info = handler::anonymous(came, &HeaderMap::new());
    handler::pay_deposit(app, &info).await?;
    let data = handler::authenticate(app, &info).await?.data;
    let gate = laid_out::<Arc<Gate>>(&data)?;
    Ok(gate.statement_keys.iter().map(|key| json!({ "id": key.id, "pem": key.pem })).collect())
}
