use std::{sync::Arc, time::Duration};

use async_graphql::Data;
use axum::{
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use domain::{
    files::{CreateError, File, MOST_BYTES, NewFile},
    team::Permission,
};
use ids::AccountId;
use serde_json::json;

use super::{accepted, laid_out};
use crate::{
    auth::Gate,
    graphql::{context, error::ApiError},
    http::{
        app::{App, Authenticated},
        body,
        edge::Came,
        handler,
        negotiate::Media,
        refusal::Refusal,
        respond,
    },
};

/// How long a file may take to arrive.
const DEADLINE: Duration = Duration::from_secs(60);
/// Points of a file, and points of each kB of it: as much as it keeps the database busy.
const COST: u64 = 100;

/// `POST /files?name=invoice.pdf`: keeps the body, and answers with its id.
pub(in crate::http) async fn give(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let came = Came::of(&parts);
    let answer = async {
        let content_type = accepted::media_type(&parts.headers)?;
        let name = name(&parts.uri)?;
        let info = handler::identify(&app, &parts, &came).await?;
        let authenticated = handler::authenticate(&app, &info).await?;
        let account_id = permit(&authenticated.data)?;
        let mut deposit = handler::DEPOSIT;
        handler::charge(&app, &info, authenticated.rate_key.clone(), COST, &mut deposit).await?;
        let _place = app.files.enter(account_id.to_string()).map_err(|_| Refusal::overloaded())?;
        let received = body::read(body, MOST_BYTES, DEADLINE, &app.large_bodies).await?;
        accepted::check(content_type, &received.bytes)?;
        let cost = received.bytes.len() as u64 / 1_024;
        handler::charge(&app, &info, authenticated.rate_key.clone(), cost, &mut deposit).await?;
        let new = NewFile { name, content_type: content_type.to_owned(), bytes: received.bytes };
        // To its end, whether the client waits for it or not.
        match app.running.spawn(keep(authenticated, new)).await {
            Ok(kept) => kept.map(|file| created(&file)),
            Err(_) => Err(Refusal::internal()),
        }
    };
    answer.await.unwrap_or_else(|refusal| respond::refusal(Media::Json, &refusal, &came.request_id))
}

fn name(uri: &Uri) -> Result<String, Refusal> {
    let unreadable = |_| Refusal::bad_request("The query string cannot be read.");
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(unreadable)?;
    let named = pairs.into_iter().find(|(key, _)| key == "name");
    named.map(|(_, name)| name).ok_or_else(|| Refusal::bad_request("Name the file in `?name=`."))
}

/// Those may give files who may act for partners, or decide about payouts or execute them. Answers in which account.
fn permit(data: &Data) -> Result<AccountId, Refusal> {
    let request = laid_out::<context::Request>(data)?;
    let scope = request.scope().map_err(|error| unreached(&error))?;
    use Permission::{PartnersWrite, PayoutsApprove, PayoutsExecute};
    if [PartnersWrite, PayoutsApprove, PayoutsExecute].into_iter().any(|one| request.viewer.permits(one)) {
        return Ok(scope.account_id);
    }
    let message = "This needs the permission PARTNERS_WRITE, PAYOUTS_APPROVE or PAYOUTS_EXECUTE.";
    Err(Refusal::transport(StatusCode::FORBIDDEN, "FORBIDDEN", message))
}

fn unreached(error: &ApiError) -> Refusal {
    let refused = |code, message| Refusal::transport(StatusCode::FORBIDDEN, code, message);
    match error {
        ApiError::Unauthenticated => Refusal::unauthenticated("Authentication is required."),
        ApiError::AccountRequired => {
            refused("ACCOUNT_REQUIRED", "You are a member of several accounts: name one in X-Account-Id.")
        }
        ApiError::AccountNotFound => refused("ACCOUNT_NOT_FOUND", "You are a member of no such account."),
        ApiError::AccountSuspended => refused("ACCOUNT_SUSPENDED", "This account is suspended."),
        _ => Refusal::internal(),
    }
}

async fn keep(authenticated: Authenticated, new: NewFile) -> Result<File, Refusal> {
    let request = laid_out::<context::Request>(&authenticated.data)?;
    let account_id = request.scope().map_err(|error| unreached(&error))?.account_id;
    let mut conn = request.conn().await.map_err(|_| Refusal::overloaded())?;
    let vault = laid_out::<Arc<Gate>>(&authenticated.data)?.vault.as_deref();
    File::create(&mut conn, vault, (account_id, &new), &request.act).await.map_err(|error| match error {
        CreateError::Name(_) => Refusal::bad_request("A name is one line of 1 to 200 characters."),
        CreateError::Empty => Refusal::bad_request("The body is empty."),
        CreateError::TooLarge => Refusal::bad_request("The body is too large."),
        CreateError::TooMuchInADay => {
            let message = "This account has given 1 GiB within a day; try again later.";
            Refusal::transport(StatusCode::TOO_MANY_REQUESTS, "QUOTA_EXCEEDED", message)
        }
        CreateError::Seal(_) => Refusal::internal(),
        CreateError::Database(error) => match ApiError::from(error) {
            ApiError::Overloaded | ApiError::Deadline => Refusal::overloaded(),
            _ => Refusal::internal(),
        },
    })
}

fn created(file: &File) -> Response {
    let mut response = Response::new(Body::from(json!({ "id": file.id }).to_string()));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
