//! A database that lives as long as one reading of its catalogue.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::psql::Psql;

/// Applies every `up.sql` below `migrations` in order to a new database, hands it to `read`, and drops it.
///
/// # Errors
/// What the server, a migration or `read` says; the database is dropped in every case.
pub fn with_migrated<T>(
    server: &Psql,
    migrations: &Path,
    read: impl FnOnce(&Psql) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let name = format!("refero_schema_{}", std::process::id());
    server.rows(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    server.rows(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))?;
    let database = server.with_database(&name);
    let result = apply(&database, migrations).and_then(|()| read(&database));
    let dropped = server.rows(&format!("DROP DATABASE {name} WITH (FORCE)"));
    let value = result?;
    dropped?;
    Ok(value)
}

fn apply(database: &Psql, migrations: &Path) -> anyhow::Result<()> {
    for folder in folders(migrations)? {
        let metadata = fs::read_to_string(folder.join("metadata.toml")).unwrap_or_default();
        let in_transaction = !metadata.replace(' ', "").contains("run_in_transaction=false");
        let up = folder.join("up.sql");
        database.file(&up, in_transaction).with_context(|| format!("migration {}", up.display()))?;
    }
    Ok(())
}

/// The migration folders, in the order in which diesel runs them.
fn folders(migrations: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(migrations).with_context(|| format!("read {}", migrations.display()))?;
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    folders.retain(|path| path.join("up.sql").is_file());
    folders.sort();
    Ok(folders)
}
