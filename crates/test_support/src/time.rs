//! The passing of time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{sql_query, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use test_database::or_panic;

use crate::TestApp;

impl TestApp {
    /// Lets time pass. What is scheduled meanwhile is enqueued, and whoever is logged in stays so; jobs wait for
    /// [`TestApp::run_jobs`].
    pub async fn advance(&self, duration: Duration) {
        let mut conn = self.conn().await;
        let before = self.clock.now();
        or_panic(queue::register(&mut conn, self.registry.schedules(), before).await);
        let now = before + duration;
        self.clock.set(now);
        or_panic(queue::fire_due(&mut conn, &self.ids, self.registry.schedules(), now).await);
        self.stay_logged_in(&mut conn, before).await;
    }

    /// Whoever was logged in at `before` is so now: people use what they are logged in to.
    async fn stay_logged_in(&self, conn: &mut AsyncPgConnection, before: DateTime<Utc>) {
        let now = self.clock.now();
        let seen = sql_query(
            "UPDATE sessions SET last_seen_at = $1, expires_at = greatest(expires_at, $1 + interval '1 day') \
             WHERE revoked_at IS NULL AND expires_at > $2",
        );
        or_panic(seen.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(before).execute(conn).await);
    }
}
