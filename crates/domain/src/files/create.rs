use chrono::TimeDelta;
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, FileId, TypedId};
use sha2::{Digest, Sha256};
use vault::{SealError, Vault};

use super::File;
use crate::{
    act::{Act, Actor},
    schema::files,
    text::{self, TextProblem},
};

/// The most bytes of a file: 10 MiB.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The most bytes that people and keys of an account give in a day: 1 GiB.
pub const MOST_BYTES_A_DAY: i64 = 1024 * 1024 * 1024;

/// A file to be kept.
#[derive(Clone)]
pub struct NewFile {
    /// What it is called: 1 to 200 characters.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// 1 to [`MOST_BYTES`] bytes.
    pub bytes: Vec<u8>,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is refused.
    #[error("invalid name")]
    Name(TextProblem),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It has more than [`MOST_BYTES`] bytes.
    #[error("the file is too large")]
    TooLarge,
    /// The account has given [`MOST_BYTES_A_DAY`] within a day.
    #[error("too much in a day")]
    TooMuchInADay,
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl File {
    /// Keeps a file, in the caller's transaction if there is one; sealed, if there is a vault to seal it.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        vault: Option<&Vault>,
        (account_id, new): (AccountId, &NewFile),
        act: &Act,
    ) -> Result<Self, CreateError> {
        let name = text::line(&new.name, 200).map_err(CreateError::Name)?;
        match new.bytes.len() {
            0 => return Err(CreateError::Empty),
            many if many > MOST_BYTES => return Err(CreateError::TooLarge),
            _ => {}
        }
        let is_given = matches!(act.actor, Actor::User(_) | Actor::ApiKey(_));
        if is_given && given_in_a_day(conn, account_id, act).await? >= MOST_BYTES_A_DAY {
            return Err(CreateError::TooMuchInADay);
        }
        let file = Self {
            id: act.ids.next::<FileId>(act.now),
            account_id,
            name,
            content_type: new.content_type.clone(),
            sha256: vault.is_none().then(|| Sha256::digest(&new.bytes).to_vec()),
            created_by: act.actor.to_string(),
            created_at: act.now,
        };
        let nonce = || act.ids.secret::<12>();
        let sealed =
            vault.map(|vault| vault.seal(&new.bytes, file.id.uuid().as_bytes(), nonce())).transpose()?;
        let bytes = sealed.as_ref().map_or(&new.bytes, |sealed| &sealed.bytes);
        diesel::insert_into(files::table)
            .values((
                files::id.eq(file.id),
                files::account_id.eq(account_id),
                files::name.eq(&file.name),
                files::content_type.eq(&file.content_type),
                files::key_id.eq(sealed.as_ref().map(|sealed| &sealed.key_id)),
                files::bytes.eq(bytes),
                files::sha256.eq(&file.sha256),
                files::created_by.eq(&file.created_by),
                files::created_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        Ok(file)
    }
}

/// What an account was given within a day, in bytes. Files that come at once do not see each other.
async fn given_in_a_day(conn: &mut AsyncPgConnection, account_id: AccountId, act: &Act) -> QueryResult<i64> {
    let bytes = files::table
        .filter(files::account_id.eq(account_id))
        .filter(files::created_at.gt(act.now - TimeDelta::days(1)))
        .filter(files::created_by.like("usr\\_%").or(files::created_by.like("key\\_%")))
        .select(sql::<Nullable<BigInt>>("sum(octet_length(bytes))"));
    Ok(bytes.first::<Option<i64>>(conn).await?.unwrap_or(0))
}
