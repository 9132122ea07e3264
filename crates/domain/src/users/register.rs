use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::UserId;

use super::{
    Overloaded, PasswordProblem, Passwords, Secrets, User, UserStatus,
    founding::found_account,
    model::{NewUser, folded},
    policy,
    verification::{VerificationLink, send_user_exists},
};
use crate::{
    accounts::AccountSettings,
    act::Act,
    db::{Db, DbUnavailable},
    schema::{accounts, members, users},
    text::{self, FieldProblem, TextProblem},
};

/// What a person says to register.
#[derive(Clone)]
pub struct Registration {
    /// The log-in.
    pub email: String,
    /// 10 to 200 characters, not the email.
    pub password: String,
    /// What people call them; at most 200 characters.
    pub name: Option<String>,
    /// The name of their account; 1 to 200 characters.
    pub account_name: String,
}

/// Why nothing was registered. Does not depend on whether the address is known.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
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

impl From<DbUnavailable> for RegisterError {
    fn from(error: DbUnavailable) -> Self {
        Self::Database(error.into())
    }
}

pub(super) struct Checked {
    pub email: String,
    pub name: String,
    pub account_name: String,
}

pub(super) fn checked(
    email: &str,
    name: Option<&str>,
    account_name: &str,
) -> Result<Checked, Vec<FieldProblem>> {
    let mut fields = Vec::new();
    let mut keep = |field: &str, outcome: Result<String, TextProblem>| {
        outcome.unwrap_or_else(|problem| {
            fields.push(FieldProblem::of(field, problem));
            String::new()
        })
    };
    let name = name.filter(|name| !name.trim().is_empty());
    let checked = Checked {
        email: folded(&keep("email", text::email(email))),
        name: keep("name", name.map_or(Ok(String::new()), |name| text::line(name, 200))),
        account_name: keep("accountName", text::line(account_name, 200)),
    };
    if fields.is_empty() { Ok(checked) } else { Err(fields) }
}

impl User {
    /// Registers a person: an unverified user, an account and its owner, and the email with the link. An address that is
    /// known gets an email that says so instead. An address that was registered before but never verified starts anew:
    /// the last registration counts, and the links of those before it end; [`User::verify`] asks for its password. The
    /// answer is the same in every case, and takes as long.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(
        db: &Db,
        (passwords, secrets): (&Passwords, &Secrets),
        registration: &Registration,
        act: &Act,
    ) -> Result<(), RegisterError> {
        let Registration { email, password, name, account_name } = registration;
        let checked = checked(email, name.as_deref(), account_name);
        let problem = policy::problem_of(password, email);
        let checked = match (checked, problem) {
            (Ok(checked), None) => checked,
            (checked, password) => {
                let fields = checked.err().unwrap_or_default();
                return Err(RegisterError::Invalid { fields, password });
            }
        };
        let password_hash = passwords.hash(password, &act.ids).await?;
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            let id = act.ids.next(act.now);
            let link = VerificationLink::new(secrets, id, 1, act.now);
            if unverified(&checked, id, &password_hash, &link).insert(conn).await? {
                found_account(conn, id, &AccountSettings::usual(&checked.account_name), "userRegister", act)
                    .await?;
                link.send(conn, id, act).await
            } else {
                register_again(conn, &checked, &password_hash, secrets, act).await
            }
        })
        .await?;
        Ok(())
    }
}

fn unverified<'a>(
    checked: &'a Checked,
    id: UserId,
    password_hash: &'a str,
    link: &VerificationLink,
) -> NewUser<'a> {
    NewUser {
        id,
        email: &checked.email,
        name: &checked.name,
        password_hash,
        locale: "en",
        status: UserStatus::Unverified,
        verify_rotation: link.verify_rotation,
        verify_token_hash: link.verify_token_hash.clone(),
        verify_expires_at: link.verify_expires_at,
        created_at: link.updated_at,
        updated_at: link.updated_at,
    }
}

async fn register_again(
    conn: &mut AsyncPgConnection,
    checked: &Checked,
    password_hash: &str,
    secrets: &Secrets,
    act: &Act,
) -> QueryResult<()> {
    let user: User = users::table
        .filter(users::email.eq(&checked.email))
        .for_no_key_update()
        .select(User::as_select())
        .first(conn)
        .await?;
    match user.status {
        UserStatus::Active => send_user_exists(conn, user.id, act).await,
        UserStatus::Disabled => Ok(()),
        UserStatus::Unverified => {
            let link = VerificationLink::new(secrets, user.id, user.verify_rotation + 1, act.now);
            let said = (users::name.eq(&checked.name), users::password_hash.eq(password_hash));
            diesel::update(users::table.find(user.id)).set((&link, said)).execute(conn).await?;
            let own = members::table.filter(members::user_id.eq(user.id)).select(members::account_id);
            diesel::update(accounts::table.filter(accounts::id.eq_any(own)))
                .set((accounts::name.eq(&checked.account_name), accounts::updated_at.eq(act.now)))
                .execute(conn)
                .await?;
            link.send(conn, user.id, act).await
        }
    }
}
