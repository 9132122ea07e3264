use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{SessionId, UserId};

use super::{SecretToken, User, UserStatus, password::note, token};
use crate::{
    act::Act,
    schema::{sessions, users},
};

/// The longest that a session lasts, in seconds: 60 days.
pub const SESSION_SECS: u64 = 60 * 24 * 60 * 60;
const LIFETIME: TimeDelta = TimeDelta::seconds(SESSION_SECS as i64);
/// A session that was not used for so long is over.
pub(crate) const IDLE: TimeDelta = TimeDelta::days(14);
/// How exactly the last use is kept: a write for every request would cost more than it tells.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A log-in of a user on one device.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What the browser said it was.
    pub user_agent: Option<String>,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// The last use, to five minutes.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// A session just opened, with the token that will not be seen again.
#[derive(Debug, Clone)]
pub struct OpenedSession {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// What the browser keeps.
    pub token: SecretToken,
}

impl Session {
    pub(crate) async fn open(
        conn: &mut AsyncPgConnection,
        user: User,
        user_agent: Option<&str>,
        act: &Act,
    ) -> QueryResult<OpenedSession> {
        let token = SecretToken::random(&act.ids, "");
        let session = diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(act.ids.next::<SessionId>(act.now)),
                sessions::user_id.eq(user.id),
                sessions::token_hash.eq(token::hash(token.expose())),
                sessions::user_agent.eq(user_agent),
                sessions::created_at.eq(act.now),
                sessions::last_seen_at.eq(act.now),
                sessions::expires_at.eq(act.now + LIFETIME),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        Ok(OpenedSession { session, user, token })
    }

    /// The live session with this token, and its user. Notes the use, at most every five minutes.
    ///
    /// # Errors
    /// The database's.
    pub async fn authenticate(
        conn: &mut AsyncPgConnection,
        token: &str,
        now: DateTime<Utc>,
    ) -> QueryResult<Option<(Self, User)>> {
        let found: Option<(Self, User)> = Self::live(now)
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(sessions::token_hash.eq(token::hash(token)))
            .filter(users::status.eq(UserStatus::Active))
            .select((Self::as_select(), User::as_select()))
            .first(conn)
            .await
            .optional()?;
        if let Some((session, _)) = &found
            && session.last_seen_at <= now - SEEN_EVERY
        {
            let stale = sessions::table.find(session.id).filter(sessions::last_seen_at.lt(now));
            diesel::update(stale).set(sessions::last_seen_at.eq(now)).execute(conn).await?;
        }
        Ok(found)
    }

    /// The live sessions of a user, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<Self>> {
        Self::live(now)
            .filter(sessions::user_id.eq(user_id))
            .order(sessions::id.desc())
            .limit(100)
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// Ends a live session of the user; `None` if there is no such session. Ending another one than that of the request is
    /// written into the trail of the instance.
    ///
    /// # Errors
    /// The database's.
    pub async fn log_out(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        (id, current): (SessionId, SessionId),
        act: &Act,
    ) -> QueryResult<Option<Self>> {
        conn.transaction(async |conn| {
            let own = Self::live(act.now).filter(sessions::id.eq(id)).filter(sessions::user_id.eq(user_id));
            let ended: Option<Self> = diesel::update(own)
                .set(sessions::revoked_at.eq(act.now))
                .returning(Self::as_returning())
                .get_result(conn)
                .await
                .optional()?;
            if ended.is_some() && id != current {
                note(conn, user_id, "sessionDelete", act).await?;
            }
            Ok(ended)
        })
        .await
    }

    pub(super) async fn end(
        conn: &mut AsyncPgConnection,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        let open = sessions::table.find(id).filter(sessions::revoked_at.is_null());
        diesel::update(open).set(sessions::revoked_at.eq(now)).execute(conn).await?;
        Ok(())
    }

    /// Ends all sessions of a user but this one; answers how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_others(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        kept: SessionId,
        act: &Act,
    ) -> QueryResult<usize> {
        conn.transaction(async |conn| {
            let ended = Self::end_all(conn, user_id, Some(kept), act.now).await?;
            note(conn, user_id, "sessionsDeleteOthers", act).await?;
            Ok(ended)
        })
        .await
    }

    /// Ends all sessions of a user, but the one that is excepted, in the caller's transaction; answers how many.
    pub(super) async fn end_all(
        conn: &mut AsyncPgConnection,
        user_id: UserId,
        except: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> QueryResult<usize> {
        let others = Self::live(now)
            .filter(sessions::user_id.eq(user_id))
            .filter(sessions::id.ne_all(Vec::from_iter(except)));
        diesel::update(others).set(sessions::revoked_at.eq(now)).execute(conn).await
    }

    #[diesel::dsl::auto_type(no_type_alias)]
    fn live(now: DateTime<Utc>) -> _ {
        let idle_since: DateTime<Utc> = now - IDLE;
        sessions::table
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::expires_at.gt(now))
            .filter(sessions::last_seen_at.gt(idle_since))
    }
}
