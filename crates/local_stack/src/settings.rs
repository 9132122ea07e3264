//! What a folder remembers between two starts: ports and passwords.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use crate::{StackConfig, ports};

/// Kept in `settings`, readable by its owner alone, a `key=value` per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// PostgreSQL's.
    pub pg_port: u16,
    /// Redis'.
    pub redis_port: u16,
    /// Of PostgreSQL's user `refero` and of Redis alike: 144 random bits in hexadecimal.
    pub password: String,
}

impl Settings {
    /// What `folder` remembers, if it was ever used.
    ///
    /// # Errors
    /// When the file cannot be read or is not ours.
    pub fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join("settings");
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is damaged", path.display())).map(Some)
    }

    /// The settings for this start: the remembered ones, with another port where one was asked for or is taken.
    ///
    /// # Errors
    /// When there is no port or no randomness, or the file cannot be written.
    pub fn settle(folder: &Path, config: &StackConfig, before: Option<&Self>) -> anyhow::Result<Self> {
        let seed = seed(folder);
        let reuse = |port: u16| Some(port).filter(|port| ports::is_free(*port));
        let pg_port = match config.pg_port.or_else(|| before.and_then(|s| reuse(s.pg_port))) {
            Some(port) => port,
            None => ports::choose(seed, config.redis_port)?,
        };
        let redis_port = match config.redis_port.or_else(|| before.and_then(|s| reuse(s.redis_port))) {
            Some(port) => port,
            None => ports::choose(seed + 1, Some(pg_port))?,
        };
        let password = match before {
            Some(before) => before.password.clone(),
            None => random_password()?,
        };
        let settings = Self { pg_port, redis_port, password };
        settings.write(folder)?;
        Ok(settings)
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        Some(Self {
            pg_port: value("pg_port")?.parse().ok()?,
            redis_port: value("redis_port")?.parse().ok()?,
            password: value("password")?.to_owned(),
        })
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let Self { pg_port, redis_port, password } = self;
        let text = format!("pg_port={pg_port}\nredis_port={redis_port}\npassword={password}\n");
        replace_private(&folder.join("settings"), &text)
    }
}

/// Writes `path` whole or not at all, readable by its owner alone.
///
/// # Errors
/// When the file system refuses.
pub fn replace_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("write {}", path.display()))
}

/// A number that belongs to `path`.
pub fn seed(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish() >> 1
}

fn random_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 18];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_rest_is_damaged() {
        let settings = Settings { pg_port: 1, redis_port: 2, password: random_password().unwrap() };
        let folder = std::env::temp_dir();
        let text = format!("pg_port=1\nredis_port=2\npassword={}\n", settings.password);
        assert_eq!(Settings::parse(&text), Some(settings));
        assert_eq!(Settings::parse("pg_port=1\n"), None);
        assert_eq!(seed(&folder), seed(&folder));
    }
}
