//! A database per test, copied from a template.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context;
use diesel::{QueryableByName, sql_types::Bool, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{servers, wait::block_on};

/// One at a time makes the template. Not the lock of `migrate`, which is taken inside.
const MAKING: &str = "SELECT pg_advisory_lock(7262390)";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database with the schema of the migrations and nothing in it; dropped with this value.
pub struct TestDatabase {
    /// `postgres://..`.
    pub url: String,
    name: String,
    server: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

impl TestDatabase {
    /// A copy of the template, which is made first if no test with these migrations has run on this server.
    ///
    /// # Errors
    /// When no server is named or it does not do what is asked.
    pub async fn create() -> anyhow::Result<Self> {
        let server = servers::database_url()?;
        let mut admin = AsyncPgConnection::establish(&server).await.context("the tests' PostgreSQL")?;
        let template = template(&server, &mut admin).await?;
        let name = format!("refero_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        // A process of this number may have been killed before it dropped its database.
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(Self { url: with_database(&server, &name)?, name, server })
    }

    /// An empty database without the schema: for tests of the migrations.
    ///
    /// # Errors
    /// As [`TestDatabase::create`].
    pub async fn blank() -> anyhow::Result<Self> {
        let server = servers::database_url()?;
        let name = format!("refero_blank_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = AsyncPgConnection::establish(&server).await.context("the tests' PostgreSQL")?;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(Self { url: with_database(&server, &name)?, name, server })
    }

    /// A copy of this one as it is now, as from a backup. Connections to this one are cut off.
    ///
    /// # Errors
    /// As [`TestDatabase::create`].
    pub async fn copy(&self) -> anyhow::Result<Self> {
        let mut admin = AsyncPgConnection::establish(&self.server).await.context("the tests' PostgreSQL")?;
        let name = format!("{}_copy_{}", self.name, NUMBER.fetch_add(1, Ordering::Relaxed));
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        admin.batch_execute(&end_sessions(&self.name)).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {}", self.name)).await?;
        Ok(Self { url: with_database(&self.server, &name)?, name, server: self.server.clone() })
    }

    /// A connection of its own, outside of any pool.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn connect(&self) -> anyhow::Result<AsyncPgConnection> {
        Ok(AsyncPgConnection::establish(&self.url).await?)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = block_on(async move {
            let mut admin = AsyncPgConnection::establish(&server).await?;
            Ok(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?)
        });
        if let Err(error) = dropped {
            eprintln!("the test's database was not dropped: {error:#}");
        }
    }
}

/// The name of the template of these migrations. It is made under another name, so that one that was not finished is
/// never copied.
async fn template(server: &str, admin: &mut AsyncPgConnection) -> anyhow::Result<String> {
    let name = format!("refero_template_{}", fingerprint()?);
    if exists(admin, &name).await? {
        return Ok(name);
    }
    let mut maker = AsyncPgConnection::establish(server).await?;
    maker.batch_execute(MAKING).await?;
    if !exists(&mut maker, &name).await? {
        let unfinished = format!("{name}_unfinished");
        maker.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await?;
        maker.batch_execute(&format!("CREATE DATABASE {unfinished}")).await?;
        domain::db::migrate(&with_database(server, &unfinished)?).await?;
        // Its sessions may be about to end still.
        maker.batch_execute(&end_sessions(&unfinished)).await?;
        maker.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await?;
    }
    Ok(name)
}

/// Ends the sessions of a database, and waits for their ends.
fn end_sessions(name: &str) -> String {
    format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
}

async fn exists(conn: &mut AsyncPgConnection, name: &str) -> anyhow::Result<bool> {
    let found: Found =
        diesel::sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS found")
            .bind::<Text, _>(name)
            .get_result(conn)
            .await?;
    Ok(found.found)
}

/// The server's URL with another database.
fn with_database(server: &str, name: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(server).context("the tests' PostgreSQL has no readable URL")?;
    url.set_path(name);
    Ok(url.into())
}

/// Twelve hex digits of the migrations' texts: other migrations, another template.
fn fingerprint() -> anyhow::Result<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut hash = Sha256::new();
    for file in sql_files(&folder).with_context(|| format!("read {}", folder.display()))? {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(&file)?);
    }
    Ok(hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
}

fn sql_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(["up.sql", "down.sql"].map(|name| path.join(name)));
        }
    }
    files.sort();
    Ok(files)
}
