use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{
    PasswordProblem, User, UserStatus,
    model::NewUser,
    password::{EndedLinks, note},
    policy,
};
use crate::{
    act::Act,
    schema::users,
    text::{self, FieldProblem},
};

/// Somebody whose address is proven: by the link of an invite.
pub(crate) struct Admission<'a> {
    /// In lower case.
    pub email: &'a str,
    /// What people call them; may be empty.
    pub name: &'a str,
    /// Of the password that they chose.
    pub password_hash: &'a str,
}

/// The name as it is stored, if name and password will do; otherwise all that is wrong with them.
pub(crate) fn checked_person(
    email: &str,
    name: Option<&str>,
    password: &str,
) -> Result<String, (Vec<FieldProblem>, Option<PasswordProblem>)> {
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.map_or(Ok(String::new()), |name| text::line(name, 200));
    match (name, policy::problem_of(password, email)) {
        (Ok(name), None) => Ok(name),
        (name, password) => {
            Err((name.err().map(|problem| FieldProblem::of("name", problem)).into_iter().collect(), password))
        }
    }
}

impl User {
    /// Makes an active user, in the caller's transaction. Who registered and never proved the address gives way: name and
    /// password become those of whoever reads its mail, and the link of the registration ends. `None` if somebody who
    /// proved the address has it already.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn admit(
        conn: &mut AsyncPgConnection,
        admission: &Admission<'_>,
        act: &Act,
    ) -> QueryResult<Option<Self>> {
        let new = NewUser {
            id: act.ids.next(act.now),
            email: admission.email,
            name: admission.name,
            password_hash: admission.password_hash,
            locale: "en",
            status: UserStatus::Active,
            verify_rotation: 0,
            verify_token_hash: None,
            verify_expires_at: None,
            created_at: act.now,
            updated_at: act.now,
        };
        if new.insert(conn).await? {
            return Self::find(conn, new.id).await;
        }
        let unproven = users::table
            .filter(users::email.eq(admission.email))
            .filter(users::status.eq(UserStatus::Unverified));
        let admitted: Option<Self> = diesel::update(unproven)
            .set((
                EndedLinks::default(),
                users::status.eq(UserStatus::Active),
                users::name.eq(admission.name),
                users::password_hash.eq(admission.password_hash),
                users::password_version.eq(users::password_version + 1),
                users::verify_token_hash.eq(None::<Vec<u8>>),
                users::verify_expires_at.eq(None::<DateTime<Utc>>),
                users::updated_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if let Some(user) = &admitted {
            note(conn, user.id, "registrationTakeOver", act).await?;
        }
        Ok(admitted)
    }
}
