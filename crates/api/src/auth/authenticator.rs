use std::sync::Arc;

use async_graphql::{Data, dataloader::DataLoader};
use domain::{
    accounts::AccountStatus,
    act::{Act, Actor},
    api_keys::ApiKey,
    clock::Clock,
    db::{DatabaseError, Db},
    operations::JobScope,
    team::{Holder, Membership},
    users::Session,
};
use ids::{AccountId, IdSource};

use super::{Gate, Obstacle, Reach, Viewer};
use crate::{
    graphql::{
        context::Request,
        operations::{self, JobLoader},
        users::UserLoader,
    },
    http::{AuthFailure, Authenticate, Authenticated, Credential, Held, RequestInfo},
    live::Recheck,
};

/// Looks at the credential of each request, and lays out what its resolvers need.
#[derive(Clone)]
pub struct Authenticator {
    /// The database.
    pub db: Db,
    /// The one clock of the process.
    pub clock: Clock,
    /// Where new ids come from.
    pub ids: IdSource,
    /// What stands before log-in and registration.
    pub gate: Arc<Gate>,
    /// Who looks after those that stay connected.
    pub recheck: Arc<Recheck>,
}

impl Authenticator {
    /// As the edge wants it.
    pub fn into_fn(self) -> Authenticate {
        Arc::new(move |info| {
            let authenticator = self.clone();
            Box::pin(async move { authenticator.authenticate(info).await })
        })
    }

    /// The viewer of a request, in the data of its operation.
    ///
    /// # Errors
    /// [`AuthFailure`]: an unusable key is refused. An unusable session is nobody's: a browser that still sends the
    /// cookie of an ended session must be able to log in.
    pub async fn authenticate(&self, info: RequestInfo) -> Result<Authenticated, AuthFailure> {
        let viewer = self.viewer(&info).await.map_err(|error| {
            tracing::error!(%error, "a credential could not be looked up");
            AuthFailure::Unavailable
        })?;
        let viewer = viewer.ok_or(AuthFailure::Unauthenticated)?;
        let rate_key = viewer.actor.map(|actor| format!("actor:{actor}"));
        let account = viewer.reach.as_ref().map(|reach| reach.scope.account_id);
        let held = holder(&viewer).map(|holder| Held { holder, recheck: Arc::clone(&self.recheck) });
        Ok(Authenticated { data: self.data(viewer, &info), rate_key, account, held })
    }

    fn data(&self, viewer: Viewer, info: &RequestInfo) -> Data {
        let act = Act {
            now: self.clock.now(),
            actor: Request::actor(&viewer),
            ids: self.ids.clone(),
            request_id: Some(info.request_id.clone()),
            traceparent: info.traceparent.clone(),
            client_address: Some(info.client.to_string()),
            quiet: false,
        };
        let jobs = operations::reach(&viewer).unwrap_or(JobScope::Nothing);
        let request = Request { viewer, act, db: self.db.clone() };
        let mut data = request.into_data();
        data.insert(DataLoader::new(UserLoader { db: self.db.clone() }, tokio::spawn).max_batch_size(1_000));
        let loader = JobLoader { db: self.db.clone(), scope: jobs };
        data.insert(DataLoader::new(loader, tokio::spawn).max_batch_size(1_000));
        data.insert(Arc::clone(&self.gate));
        data
    }

    /// `None` for a key that opens nothing.
    async fn viewer(&self, info: &RequestInfo) -> Result<Option<Viewer>, DatabaseError> {
        let named = info.account_id.as_deref().map(|text| text.parse::<AccountId>().ok());
        match &info.credential {
            Credential::Anonymous => Ok(Some(Viewer::nobody())),
            Credential::ApiKey(token) => self.of_key(token.expose(), named).await,
            Credential::Session(token) => self.of_session(token.expose(), named).await.map(Some),
        }
    }

    async fn of_key(
        &self,
        secret: &str,
        named: Option<Option<AccountId>>,
    ) -> Result<Option<Viewer>, DatabaseError> {
        let conn = &mut *self.db.get().await?;
        let Some((key, status)) = ApiKey::authenticate(conn, secret, self.clock.now()).await? else {
            return Ok(None);
        };
        let is_meant = named.is_none_or(|named| named == Some(key.account_id));
        let reach = Reach { scope: key.scope(), permissions: key.permissions };
        let viewer = Viewer { actor: Some(Actor::ApiKey(key.id)), ..Viewer::nobody() };
        Ok(Some(viewer.reaching(is_meant.then_some((reach, status)))))
    }

    async fn of_session(
        &self,
        token: &str,
        named: Option<Option<AccountId>>,
    ) -> Result<Viewer, DatabaseError> {
        let conn = &mut *self.db.get().await?;
        let Some((session, user)) = Session::authenticate(conn, token, self.clock.now()).await? else {
            return Ok(Viewer::nobody());
        };
        let mut viewer = Viewer {
            actor: Some(Actor::User(user.id)),
            user: Some(user.id),
            session: Some(session.id),
            operates: user.instance_operator,
            ..Viewer::nobody()
        };
        let mut memberships = Membership::of_user(conn, user.id).await?;
        if named.is_none() && memberships.len() > 1 {
            viewer.obstacle = Some(Obstacle::SeveralAccounts);
            return Ok(viewer);
        }
        memberships.retain(|membership| named.is_none_or(|named| named == Some(membership.account.id)));
        let reached = memberships.pop().map(|Membership { member, account }| {
            let permissions = member.role.permissions().to_vec();
            (Reach { scope: member.scope(), permissions }, account.status)
        });
        Ok(viewer.reaching(reached))
    }
}

/// What the viewer's rights hang on.
fn holder(viewer: &Viewer) -> Option<Holder> {
    match (viewer.session, viewer.actor) {
        (Some(session), _) => Some(Holder::Session(session)),
        (None, Some(Actor::ApiKey(key))) => Some(Holder::ApiKey(key)),
        (None, _) => None,
    }
}

impl Viewer {
    fn reaching(mut self, reached: Option<(Reach, AccountStatus)>) -> Self {
        match reached {
            Some((reach, AccountStatus::Active)) => self.reach = Some(reach),
            Some(_) => self.obstacle = Some(Obstacle::AccountSuspended),
            None => self.obstacle = Some(Obstacle::NoSuchAccount),
        }
        self
    }
}
