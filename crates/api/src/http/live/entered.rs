use std::time::Duration;

use axum::http::StatusCode;

use ids::AccountId;

use crate::{
    http::{
        app::{App, AuthFailure},
        handler,
        live::{Full, places::Place},
        refusal::Refusal,
        request_info::RequestInfo,
    },
    live::Watched,
};

/// Somebody who showed who they are and keeps a connection.
pub(crate) struct Entered {
    pub(crate) info: RequestInfo,
    pub(crate) payer: Payer,
    watched: Option<Watched>,
    _place: Place,
    _account_place: Option<Place>,
}

/// Who pays for operations, and is counted for what stays open.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    /// Whose points operations cost.
    pub(crate) whose: String,
    /// The account in reach when they entered. It is kept: a session that comes to reach several goes on in this one.
    account: Option<AccountId>,
}

/// Why somebody may not stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The session or key is over.
    Credential,
    /// The account is out of reach.
    Account,
    /// It cannot be looked up, and what cannot be looked up is not trusted any longer.
    Unknown,
}

impl Entered {
    /// Lets in whoever can show who they are, in place of their address.
    ///
    /// # Errors
    /// 401 for nobody and for a credential that opens nothing, 429 for who has their share, 503 when it cannot be looked up.
    pub(crate) async fn enter(app: &App, mut info: RequestInfo, mut place: Place) -> Result<Self, Refusal> {
        let authenticated = handler::authenticate(app, &info).await?;
        let Some(whose) = authenticated.rate_key else {
            return Err(Refusal::unauthenticated("Send an API key or the session cookie."));
        };
        place.give_to(whose.clone())?;
        let account = authenticated.account;
        let enter = |account: AccountId| app.account_places.enter(account.to_string());
        let account_place = account.map(enter).transpose()?;
        if let Some(account) = account {
            info.account_id = Some(account.to_string());
        }
        handler::return_deposit(app, &info, handler::DEPOSIT).await;
        let watched = authenticated.held.map(|held| held.watch());
        let payer = Payer { whose, account };
        Ok(Self { info, payer, watched, _place: place, _account_place: account_place })
    }

    /// Returns when rights may have changed.
    pub(crate) async fn rights_changed(&mut self) {
        match &mut self.watched {
            Some(watched) => watched.changed().await,
            None => std::future::pending().await,
        }
    }

    /// Whether somebody whose rights may have changed may stay.
    pub(crate) async fn look_again(&self, app: &App) -> Result<(), Lost> {
        match (app.authenticate)(self.info.clone()).await {
            Ok(now) if now.rate_key.is_none() => Err(Lost::Credential),
            Ok(now) if self.payer.account.is_some_and(|kept| now.account != Some(kept)) => Err(Lost::Account),
            Ok(_) => Ok(()),
            Err(AuthFailure::Unauthenticated) => Err(Lost::Credential),
            Err(AuthFailure::Unavailable) => Err(Lost::Unknown),
        }
    }
}

impl Payer {
    /// Whose subscriptions are counted together.
    pub(crate) fn counted_as(&self) -> String {
        self.account.map_or_else(|| self.whose.clone(), |account| account.to_string())
    }
}

impl From<Full> for Refusal {
    fn from(full: Full) -> Self {
        match full {
            Full::Process => Self::overloaded(),
            Full::Share => Self::rate_limited(Duration::from_secs(1)),
        }
    }
}

impl From<Lost> for Refusal {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Credential => Self::unauthenticated("The credential has expired or was revoked."),
            Lost::Account => {
                let message = "The account is not in your reach any more.";
                Self::transport(StatusCode::FORBIDDEN, "FORBIDDEN", message)
            }
            Lost::Unknown => Self::overloaded(),
        }
    }
}
