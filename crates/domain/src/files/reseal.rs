use diesel::{dsl::not, prelude::*};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{FileId, TypedId};
use vault::Vault;

use super::File;
use crate::{act::Act, schema::files};

/// The most files that are sealed anew in one transaction; one after the other, since each may be large.
const BATCH: usize = 20;

impl File {
    /// Seals by the vault's present key what was sealed by an older one of it, of the files behind `after`; answers behind which
    /// to go on, `None` at the end. What no key of the vault opens stays as it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn reseal(
        conn: &mut AsyncPgConnection,
        vault: &Vault,
        after: Option<FileId>,
        act: &Act,
    ) -> QueryResult<Option<FileId>> {
        conn.transaction(async |conn| {
            let mut older = files::table.filter(files::key_id.eq_any(vault.older_key_ids())).into_boxed();
            if let Some(after) = after {
                older = older.filter(files::id.gt(after));
            }
            let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
            let ids: Vec<FileId> = older.order(files::id).limit(limit).select(files::id).load(conn).await?;
            for id in &ids {
                seal_anew(conn, vault, *id, act).await?;
            }
            Ok((ids.len() == BATCH).then(|| ids.last().copied()).flatten())
        })
        .await
    }

    /// How many files no key of the vault opens, by the ids of keys; all that are sealed without a vault.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_unopenable(conn: &mut AsyncPgConnection, vault: Option<&Vault>) -> QueryResult<i64> {
        let mut known: Vec<&str> = vault.map(Vault::older_key_ids).unwrap_or_default();
        known.extend(vault.map(Vault::current_key_id));
        let sealed = files::table.filter(files::key_id.is_not_null());
        sealed.filter(not(files::key_id.assume_not_null().eq_any(known))).count().get_result(conn).await
    }
}

async fn seal_anew(conn: &mut AsyncPgConnection, vault: &Vault, id: FileId, act: &Act) -> QueryResult<()> {
    let row = files::table.filter(files::id.eq(id)).filter(files::key_id.eq_any(vault.older_key_ids()));
    let found: Option<(Option<String>, Vec<u8>)> =
        row.select((files::key_id, files::bytes)).for_no_key_update().first(conn).await.optional()?;
    let Some((Some(key_id), bytes)) = found else { return Ok(()) };
    let aad = id.uuid();
    let Ok(plain) = vault.open(&key_id, &bytes, aad.as_bytes()) else { return Ok(()) };
    let Ok(sealed) = vault.seal(&plain, aad.as_bytes(), act.ids.secret::<12>()) else { return Ok(()) };
    diesel::update(files::table.filter(files::id.eq(id)))
        .set((files::key_id.eq(sealed.key_id), files::bytes.eq(sealed.bytes)))
        .execute(conn)
        .await?;
    Ok(())
}
