use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{InviteId, UserId};
use serde_json::json;

use super::{Invite, InviteStatus};
use crate::{
    act::{Act, Actor},
    audit,
    db::{Db, DbUnavailable},
    events,
    schema::invites,
    team::{Membership, NewMember},
    text::FieldProblem,
    users::{
        Admission, OpenedSession, Overloaded, PasswordProblem, Passwords, Session, User, UserStatus,
        checked_person,
    },
};

/// What somebody says to accept an invite.
#[derive(Clone)]
pub struct Acceptance {
    /// The token of the link.
    pub token: String,
    /// What people are to call a new user; at most 200 characters.
    pub name: Option<String>,
    /// The password of a new user: 10 to 200 characters, not the address.
    pub password: Option<String>,
    /// Who is logged in.
    pub viewer: Option<UserId>,
    /// What the browser says it is.
    pub user_agent: Option<String>,
    /// Whether this instance lets new users in who are invited.
    pub admits_new_users: bool,
}

/// Who joined.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Their place in the account. A member who accepts another invite keeps the place that they have.
    pub membership: Membership,
    /// The first session of a new user.
    pub opened: Option<OpenedSession>,
}

/// Why an invite was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token is of no invite, or a newer link replaced it.
    #[error("no such invite")]
    NotFound,
    /// Its seven days are over.
    #[error("the invite has expired")]
    Expired,
    /// It was accepted or revoked.
    #[error("the invite is {current}")]
    WrongState {
        /// Where it stands.
        current: InviteStatus,
    },
    /// The address has a user, who must be logged in to accept.
    #[error("the user of the address must log in first")]
    LogInFirst,
    /// Somebody is logged in with another address than the one that was invited.
    #[error("logged in as somebody else")]
    SomebodyElse,
    /// The user of the address may not log in any more.
    #[error("the user is disabled")]
    Disabled,
    /// The address has no user, and this instance takes no new ones.
    #[error("no new users")]
    Closed,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid {
        /// All fields but the password.
        fields: Vec<FieldProblem>,
        /// The password.
        password: Option<PasswordProblem>,
    },
    /// Too many log-ins and registrations at this moment.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<DbUnavailable> for AcceptError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

/// Who is to become a member.
enum Candidate {
    Existing(UserId),
    New { name: String, password_hash: String },
}

impl Invite {
    /// Accepts an invite, once: its user becomes a member. The link proves the address, so somebody without a user (or
    /// with one that never proved it) gives a name and a password and is logged in; whoever has a user must be logged in as
    /// that user.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub async fn accept(
        db: &Db,
        passwords: &Passwords,
        said: &Acceptance,
        act: &Act,
    ) -> Result<Accepted, AcceptError> {
        let (invite, user) = {
            let mut conn = db.get().await?;
            let (invite, _) = Self::of_token(&mut conn, &said.token).await?.ok_or(AcceptError::NotFound)?;
            invite.may_be_accepted(act)?;
            let user = User::find_by_email(&mut conn, &invite.email).await?;
            (invite, user)
        };
        // Hashing takes long: no connection is held meanwhile.
        let candidate = said.candidate(&invite, user, passwords, act).await?;
        let mut conn = db.get().await?;
        let agent = said.user_agent.as_deref();
        conn.transaction(async |conn| Self::settle(conn, (&said.token, agent), candidate, act).await).await
    }

    /// Accepts an invite for somebody without a user, whose password was hashed before, in the caller's transaction.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub async fn accept_as_new(
        conn: &mut AsyncPgConnection,
        token: &str,
        (name, password_hash): (&str, &str),
        act: &Act,
    ) -> Result<Accepted, AcceptError> {
        let candidate = Candidate::New { name: name.to_owned(), password_hash: password_hash.to_owned() };
        Self::settle(conn, (token, None), candidate, act).await
    }

    async fn settle(
        conn: &mut AsyncPgConnection,
        (token, user_agent): (&str, Option<&str>),
        candidate: Candidate,
        act: &Act,
    ) -> Result<Accepted, AcceptError> {
        let (seen, _) = Self::of_token(conn, token).await?.ok_or(AcceptError::NotFound)?;
        invites::table.find(seen.id).for_no_key_update().select(invites::id).first::<InviteId>(conn).await?;
        // Another request may have accepted or revoked it meanwhile, or made a new link.
        let (invite, account) = Self::of_token(conn, token).await?.ok_or(AcceptError::NotFound)?;
        invite.may_be_accepted(act)?;
        let (user_id, opened) = match candidate {
            Candidate::Existing(id) => (id, None),
            Candidate::New { name, password_hash } => {
                let admission =
                    Admission { email: &invite.email, name: &name, password_hash: &password_hash };
                let user = User::admit(conn, &admission, act).await?.ok_or(AcceptError::LogInFirst)?;
                let opened = Session::open(conn, user, user_agent, act).await?;
                (opened.user.id, Some(opened))
            }
        };
        let act = Act { actor: Actor::User(user_id), ..act.clone() };
        let member = invite.join(conn, user_id, &act).await?;
        Ok(Accepted { membership: Membership { member, account }, opened })
    }

    fn may_be_accepted(&self, act: &Act) -> Result<(), AcceptError> {
        match self.standing(act.now) {
            InviteStatus::Pending => Ok(()),
            InviteStatus::Expired => Err(AcceptError::Expired),
            current => Err(AcceptError::WrongState { current }),
        }
    }

    /// Makes the user a member and the invite accepted.
    async fn join(
        &self,
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        act: &Act,
    ) -> QueryResult<crate::team::Member> {
        let new = NewMember {
            id: act.ids.next(act.now),
            account_id: self.account_id,
            user_id,
            role: self.role,
            created_at: act.now,
            updated_at: act.now,
        };
        let member = new.join(conn, &self.programs, "inviteAccept", act).await?;
        let after: Self = diesel::update(invites::table.find(self.id))
            .set((invites::status.eq(InviteStatus::Accepted), invites::updated_at.eq(act.now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        events::record(conn, act, &[after.accepted(member.id, user_id)]).await?;
        let change = (Some(&json!({ "status": self.status })), Some(&json!({ "status": after.status })));
        audit::record(conn, act, self.account_id, "inviteAccept", self.id, change).await?;
        Ok(member)
    }
}

impl Acceptance {
    async fn candidate(
        &self,
        invite: &Invite,
        user: Option<User>,
        passwords: &Passwords,
        act: &Act,
    ) -> Result<Candidate, AcceptError> {
        match user {
            Some(user) if user.status == UserStatus::Disabled => return Err(AcceptError::Disabled),
            Some(user) if user.status == UserStatus::Active => {
                return match self.viewer {
                    Some(viewer) if viewer == user.id => Ok(Candidate::Existing(user.id)),
                    Some(_) => Err(AcceptError::SomebodyElse),
                    None => Err(AcceptError::LogInFirst),
                };
            }
            // Who never proved the address is nobody yet.
            Some(_) | None => {}
        }
        if self.viewer.is_some() {
            return Err(AcceptError::SomebodyElse);
        }
        if !self.admits_new_users {
            return Err(AcceptError::Closed);
        }
        let password = self.password.as_deref().unwrap_or_default();
        let name = checked_person(&invite.email, self.name.as_deref(), password)
            .map_err(|(fields, password)| AcceptError::Invalid { fields, password })?;
        let password_hash = passwords.hash(password, &act.ids).await?;
        Ok(Candidate::New { name, password_hash })
    }
}
