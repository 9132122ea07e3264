use diesel::{QueryResult, result::Error};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::{AccountId, UserId};

use super::{
    Passwords, RegisterError, SecretToken, User, UserStatus,
    founding::found_account,
    model::NewUser,
    register::{Checked, checked},
};
use crate::{accounts::AccountSettings, act::Act, db::Db};

/// The first owner of an instance.
#[derive(Debug, Clone)]
pub struct FirstOwner {
    /// The user, active.
    pub user: User,
    /// The password, if the user was made just now; it will not be seen again.
    pub password: Option<SecretToken>,
}

impl User {
    /// Makes a user who may log in at once, and their account: whoever runs the command line needs no email to prove who
    /// they are. A user who is there already is left as they are.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn create_owner(
        db: &Db,
        passwords: &Passwords,
        (email, name, account_name): (&str, &str, &str),
        act: &Act,
    ) -> Result<FirstOwner, RegisterError> {
        let checked = checked(email, Some(name), account_name)
            .map_err(|fields| RegisterError::Invalid { fields, password: None })?;
        if let Some(user) = Self::find_by_email(&mut *db.get().await?, email).await? {
            return Ok(FirstOwner { user, password: None });
        }
        let password = SecretToken::of_bytes("", &act.ids.secret::<16>());
        let password_hash = passwords.hash(password.expose(), &act.ids).await?;
        let mut conn = db.get().await?;
        conn.transaction(async |conn| {
            let founded = found(conn, &checked, &password_hash, act).await?;
            let is_new = founded.is_some();
            let user = Self::find_by_email(conn, email).await?.ok_or(Error::NotFound)?;
            Ok(FirstOwner { user, password: is_new.then_some(password) })
        })
        .await
        .map_err(RegisterError::Database)
    }

    /// Makes a user who may log in at once with the password of this hash, and their account, in the caller's
    /// transaction; nothing if the address has a user.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn found(
        conn: &mut AsyncPgConnection,
        (email, name, account_name): (&str, &str, &str),
        password_hash: &str,
        act: &Act,
    ) -> Result<Option<(UserId, AccountId)>, RegisterError> {
        let checked = checked(email, Some(name), account_name)
            .map_err(|fields| RegisterError::Invalid { fields, password: None })?;
        Ok(found(conn, &checked, password_hash, act).await?)
    }
}

async fn found(
    conn: &mut AsyncPgConnection,
    checked: &Checked,
    password_hash: &str,
    act: &Act,
) -> QueryResult<Option<(UserId, AccountId)>> {
    let new = active(checked, password_hash, act);
    if !new.insert(conn).await? {
        return Ok(None);
    }
    let settings = AccountSettings::usual(&checked.account_name);
    let account_id = found_account(conn, new.id, &settings, "userCreateOwner", act).await?;
    Ok(Some((new.id, account_id)))
}

fn active<'a>(checked: &'a Checked, password_hash: &'a str, act: &Act) -> NewUser<'a> {
    NewUser {
        id: act.ids.next(act.now),
        email: &checked.email,
        name: &checked.name,
        password_hash,
        locale: "en",
        status: UserStatus::Active,
        verify_rotation: 0,
        verify_token_hash: None,
        verify_expires_at: None,
        created_at: act.now,
        updated_at: act.now,
    }
}
