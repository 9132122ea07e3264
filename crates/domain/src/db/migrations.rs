//! The schema: the migrations of this binary, and what the database has seen of them.

use anyhow::Context;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Brings the database to the schema of this binary; answers the versions that were run. Processes that start at once
/// take turns by an advisory lock.
///
/// # Errors
/// When the database cannot be reached or a migration fails; what ran before it stays.
pub async fn migrate(url: &str) -> anyhow::Result<Vec<String>> {
    let mut conn = AsyncPgConnection::establish(url).await.context("cannot reach the database")?;
    conn.batch_execute("SELECT pg_advisory_lock(7262371)").await?;
    let run = with_harness(conn, |harness| {
        let run = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(run.iter().map(ToString::to_string).collect())
    });
    run.await.context("a migration failed")
}

/// Reverts every migration, newest first: for tests of the migrations alone.
///
/// # Errors
/// When the database cannot be reached or a migration cannot be reverted.
pub async fn revert_all(url: &str) -> anyhow::Result<()> {
    let conn = AsyncPgConnection::establish(url).await?;
    let reverted = with_harness(conn, |harness| harness.revert_all_migrations(MIGRATIONS).map(drop));
    reverted.await.context("a revert failed")
}

/// The migrations of this binary that the database has not seen.
///
/// # Errors
/// When the database cannot be reached.
pub async fn pending_migrations(url: &str) -> anyhow::Result<Vec<String>> {
    let conn = AsyncPgConnection::establish(url).await.context("cannot reach the database")?;
    let pending = with_harness(conn, |harness| {
        let pending = harness.pending_migrations(MIGRATIONS)?;
        Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
    });
    pending.await
}

/// The versions that the database has seen and this binary does not know: a newer binary has migrated it.
///
/// # Errors
/// When the database cannot be reached.
pub async fn unknown_migrations(url: &str) -> anyhow::Result<Vec<String>> {
    let conn = AsyncPgConnection::establish(url).await.context("cannot reach the database")?;
    let unknown = with_harness(conn, |harness| {
        let known = MigrationSource::<Pg>::migrations(&MIGRATIONS)?;
        let is_known = |version: &String| {
            known.iter().any(|migration| migration.name().version().to_string() == *version)
        };
        let applied = harness.applied_migrations()?.into_iter().map(|version| version.to_string());
        Ok(applied.filter(|version| !is_known(version)).collect())
    });
    unknown.await
}

/// Works with migrations on a thread for what blocks: the harness waits for its statements, which a runtime of one thread
/// does not allow.
async fn with_harness<T: Send + 'static>(
    conn: AsyncPgConnection,
    work: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> diesel::migration::Result<T>
    + Send
    + 'static,
) -> anyhow::Result<T> {
    let blocking = tokio::task::spawn_blocking(move || {
        work(&mut AsyncMigrationHarness::new(conn)).map_err(|error| anyhow::anyhow!("{error}"))
    });
    blocking.await?
}
