//! Whether those who keep a connection open may still do what they could when it was opened.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{ApiKeyId, SessionId};

use crate::{prepared::Prepare, users::SESSION_IDLE};

/// What a connection was opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A session of a user.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyId),
}

/// All that rights depend on, as one text: another text means that rights may have changed. Whoever is locked out has none.
pub type Standing = String;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Uuid>)]
    session: Option<SessionId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    api_key: Option<ApiKeyId>,
    #[diesel(sql_type = Text)]
    standing: Standing,
}

/// A session stands while it is live and its user active, on the user's memberships; a key on what it was given.
const STANDINGS: &str = "\
    SELECT s.id AS session, NULL::uuid AS api_key, concat_ws(' ', u.instance_operator, ( \
        SELECT string_agg(concat_ws(' ', m.account_id, m.role, a.status, ( \
            SELECT string_agg(p.program_id::text, ' ' ORDER BY p.program_id) FROM member_programs p \
            WHERE p.account_id = m.account_id AND p.member_id = m.id)), ';' ORDER BY m.id) \
        FROM members m JOIN accounts a ON a.id = m.account_id WHERE m.user_id = u.id)) AS standing \
    FROM sessions s JOIN users u ON u.id = s.user_id \
    WHERE s.id = ANY($1) AND s.revoked_at IS NULL AND s.expires_at > $3 AND s.last_seen_at > $4 \
        AND u.status = 'ACTIVE' \
    UNION ALL \
    SELECT NULL, k.id, concat_ws(' ', a.status, array_to_string(k.permissions, ','), ( \
        SELECT string_agg(p.program_id::text, ' ' ORDER BY p.program_id) FROM api_key_programs p \
        WHERE p.account_id = k.account_id AND p.api_key_id = k.id)) \
    FROM api_keys k JOIN accounts a ON a.id = k.account_id \
    WHERE k.id = ANY($2) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)";

/// How each of them stands now, in one statement; those who are locked out are missing.
///
/// # Errors
/// The database's.
pub async fn standings(
    conn: &mut AsyncPgConnection,
    holders: &[Holder],
    now: DateTime<Utc>,
) -> QueryResult<HashMap<Holder, Standing>> {
    let (mut sessions, mut keys) = (Vec::new(), Vec::new());
    for holder in holders {
        match holder {
            Holder::Session(id) => sessions.push(*id),
            Holder::ApiKey(id) => keys.push(*id),
        }
    }
    let rows: Vec<Row> = diesel::sql_query(STANDINGS)
        .bind::<Array<Uuid>, _>(sessions)
        .bind::<Array<Uuid>, _>(keys)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - SESSION_IDLE)
        .prepared()
        .load(conn)
        .await?;
    let of = |row: Row| {
        let session = row.session.map(Holder::Session);
        session.or(row.api_key.map(Holder::ApiKey)).map(|holder| (holder, row.standing))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}
