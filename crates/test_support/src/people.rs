//! Actors: somebody to ask the API as.

use std::sync::{PoisonError, atomic::Ordering};

use anyhow::Context;
use domain::{
    api_keys::{ApiKey, NewApiKey},
    scope::AccountScope,
    team::{Membership, NewMember, Permission, Role},
    users::{Attempt, User},
};
use ids::{AccountId, ProgramId, UserId};
use test_database::or_panic;

use crate::{
    Answer, TestApp,
    actor::{Actor, Credential},
};

/// The account that a test is about, and its owner.
#[derive(Clone)]
pub(crate) struct First {
    account_id: AccountId,
    owner: Actor,
}

/// A user who may log in, and the account that they own.
struct Founder {
    user_id: UserId,
    account_id: AccountId,
    email: String,
    password: String,
}

impl TestApp {
    /// The account that the test is about.
    pub fn account_id(&self) -> AccountId {
        self.first().account_id
    }

    /// All of the account that the test is about: for calling verbs directly.
    pub fn scope(&self) -> AccountScope {
        AccountScope::whole(self.account_id())
    }

    /// The owner of the account that the test is about.
    pub fn owner(&self) -> Actor {
        self.first().owner
    }

    /// Nobody: a request without a credential.
    pub fn nobody(&self) -> Actor {
        Actor { address: self.address, credential: Credential::Nobody, account: None }
    }

    /// The owner of another account.
    pub async fn outsider(&self) -> Actor {
        let founder = or_panic(self.found("outsider").await);
        or_panic(self.log_in(&founder).await)
    }

    /// A member of the account with this role, who reaches all its programs.
    pub async fn member(&self, role: Role) -> Actor {
        or_panic(self.join(role).await)
    }

    /// A key of the account with these permissions; no programs are all programs.
    pub async fn api_key(&self, permissions: &[Permission], programs: &[ProgramId]) -> Actor {
        let new = NewApiKey {
            name: "a test's".to_owned(),
            permissions: permissions.to_vec(),
            programs: programs.to_vec(),
            expires_at: None,
            idempotency_key: None,
        };
        let (scope, act) = (self.scope(), self.act());
        let created = ApiKey::create(&mut *self.conn().await, &scope, Permission::ALL, &new, &act).await;
        let secret = or_panic(created).secret;
        let secret = or_panic(secret.context("a new key has a secret"));
        let credential = Credential::ApiKey(secret.expose().to_owned());
        Actor { address: self.address, credential, account: None }
    }

    /// Whoever holds the API key with this secret.
    pub fn with_key(&self, secret: &str) -> Actor {
        Actor { address: self.address, credential: Credential::ApiKey(secret.to_owned()), account: None }
    }

    /// The browser that got this answer: it keeps the session cookie that was set.
    #[track_caller]
    pub fn with_session(&self, answer: &Answer) -> Actor {
        let set = answer.headers.get("set-cookie").and_then(|value| value.to_str().ok());
        let pair = set.and_then(|set| set.split(';').next());
        let cookie = or_panic(pair.context("the answer sets no cookie")).to_owned();
        Actor { address: self.address, credential: Credential::Session(cookie), account: None }
    }

    pub(crate) async fn settle_first(&self) -> anyhow::Result<()> {
        let founder = self.found("owner").await?;
        let first = First { account_id: founder.account_id, owner: self.log_in(&founder).await? };
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(())
    }

    fn first(&self) -> First {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).clone();
        or_panic(first.context("the app has not started"))
    }

    /// The next number for a name.
    pub(crate) fn founded(&self) -> u32 {
        self.founded.fetch_add(1, Ordering::Relaxed)
    }

    async fn found(&self, word: &str) -> anyhow::Result<Founder> {
        let number = self.founded();
        let email = match number {
            0 => "owner@example.com".to_owned(),
            _ => format!("{word}{number}@example.com"),
        };
        let names = (email.as_str(), word, word);
        let made = User::create_owner(&self.db, &self.passwords, names, &self.act()).await?;
        let mut conn = self.db.get().await?;
        let memberships = Membership::of_user(&mut conn, made.user.id).await?;
        Ok(Founder {
            user_id: made.user.id,
            account_id: memberships.first().context("an owner has an account")?.account.id,
            password: made.password.context("the user is new")?.expose().to_owned(),
            email,
        })
    }

    async fn join(&self, role: Role) -> anyhow::Result<Actor> {
        let founder = self.found(&role.as_str().to_lowercase()).await?;
        let now = self.clock.now();
        let member = NewMember {
            id: self.ids.next(now),
            account_id: self.account_id(),
            user_id: founder.user_id,
            role,
            created_at: now,
            updated_at: now,
        };
        member.insert(&mut *self.db.get().await?).await?;
        Ok(self.log_in(&founder).await?.about(&self.account_id().to_string()))
    }

    async fn log_in(&self, founder: &Founder) -> anyhow::Result<Actor> {
        let attempt = Attempt {
            email: founder.email.clone(),
            password: founder.password.clone(),
            user_agent: Some("a test".to_owned()),
            replaces: None,
        };
        let keys = (&self.passwords, &self.secrets);
        let opened = User::log_in(&self.db, keys, &attempt, &self.act()).await?;
        let credential = Credential::Session(format!("{}={}", self.cookie, opened.token.expose()));
        Ok(Actor { address: self.address, credential, account: None })
    }
}
