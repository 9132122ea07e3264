//! The same key and the same words give the same object; other words are a conflict (I1).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::schema::idempotency_keys;

/// SHA-256 of what was said, written as JSON with the fields in their declared order.
pub type Fingerprint = Vec<u8>;

/// The fingerprint of what was said.
pub fn fingerprint(said: &impl Serialize) -> Fingerprint {
    let words = serde_json::to_vec(said).unwrap_or_default();
    Sha256::digest(words).to_vec()
}

/// What became of a claim to a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key is new: go on, the object is stored with it.
    New,
    /// The same was said before: this is the TypeID of what it made.
    Replayed(String),
    /// Something else was said with this key before.
    Mismatch,
}

/// Claims `key` for `mutation`, in the caller's transaction: a second caller waits until the first has committed, and
/// then sees its object.
///
/// # Errors
/// The database's.
pub async fn claim(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    (mutation, key): (&str, &str),
    said: &Fingerprint,
    object: &str,
    now: DateTime<Utc>,
) -> QueryResult<Claim> {
    use idempotency_keys as k;
    let inserted = diesel::insert_into(k::table)
        .values((
            k::account_id.eq(account_id),
            k::mutation.eq(mutation),
            k::key.eq(key),
            k::fingerprint.eq(said),
            k::object.eq(object),
            k::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    if inserted == 1 {
        return Ok(Claim::New);
    }
    let (before, object): (Fingerprint, String) =
        k::table.find((account_id, mutation, key)).select((k::fingerprint, k::object)).first(conn).await?;
    Ok(if before == *said { Claim::Replayed(object) } else { Claim::Mismatch })
}
