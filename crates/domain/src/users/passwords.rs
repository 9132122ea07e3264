use std::sync::Arc;

use anyhow::{Context, ensure};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use ids::IdSource;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much work passwords may make.
#[derive(Debug, Clone, Copy)]
pub struct PasswordsConfig {
    /// `PASSWORD_HASHES_AT_ONCE`: how many are hashed at the same time, each 19 MiB and about 33 ms of one core.
    pub at_once: usize,
    /// `PASSWORD_HASHES_WAITING`: how many callers may wait for their turn; more are refused.
    pub waiting: usize,
}

impl Default for PasswordsConfig {
    fn default() -> Self {
        Self { at_once: 2, waiting: 64 }
    }
}

impl PasswordsConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a number is none, or nothing could ever be hashed.
    pub fn from_env() -> anyhow::Result<Self> {
        let defaults = Self::default();
        let at_once = env::var_parsed("PASSWORD_HASHES_AT_ONCE")?.unwrap_or(defaults.at_once);
        let waiting = env::var_parsed("PASSWORD_HASHES_WAITING")?.unwrap_or(defaults.waiting);
        ensure!((1..=64).contains(&at_once), "PASSWORD_HASHES_AT_ONCE must be 1 to 64");
        ensure!(waiting <= 10_000, "PASSWORD_HASHES_WAITING must be at most 10,000");
        Ok(Self { at_once, waiting })
    }
}

/// Too many passwords wait to be hashed already. Nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub struct Overloaded;

/// Hashes and checks passwords with argon2id, a few at a time, off the async threads. Clones share the queue.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// One for each caller inside, waiting or hashing.
    seats: Arc<Semaphore>,
    /// One for each hash under way.
    permits: Arc<Semaphore>,
    /// What the password of an unknown address is checked against, so that it takes as long as that of a known one.
    decoy: Arc<str>,
}

impl Passwords {
    /// 19 MiB, two passes, one lane: the first choice of OWASP's password storage cheat sheet.
    ///
    /// # Errors
    /// When argon2 refuses its parameters.
    pub fn new(config: PasswordsConfig) -> anyhow::Result<Self> {
        Self::with_params(config, Params::new(19 * 1024, 2, 1, None).context("argon2's parameters")?)
    }

    /// Hashes that are cheap to make, and to break, and a queue that is never full: for tests, of which some log in a
    /// hundred people at once.
    ///
    /// # Errors
    /// When argon2 refuses its parameters.
    pub fn for_testing() -> anyhow::Result<Self> {
        Self::with_params(
            PasswordsConfig { waiting: 10_000, ..PasswordsConfig::default() },
            Params::new(64, 1, 1, None).context("argon2's parameters")?,
        )
    }

    fn with_params(config: PasswordsConfig, params: Params) -> anyhow::Result<Self> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hashed(&argon2, "", &[0; 16]).context("argon2 cannot hash")?;
        Ok(Self {
            argon2,
            seats: Arc::new(Semaphore::new(config.at_once + config.waiting)),
            permits: Arc::new(Semaphore::new(config.at_once)),
            decoy: decoy.into(),
        })
    }

    /// The password as it is stored, in the PHC string format.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn hash(&self, password: &str, ids: &IdSource) -> Result<String, Overloaded> {
        let (argon2, password, salt) = (self.argon2.clone(), password.to_owned(), ids.secret::<16>());
        self.run(move || hashed(&argon2, &password, &salt)).await?.ok_or(Overloaded)
    }

    /// Whether the password is that of the stored hash. Without one the answer is no, after the same time.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Overloaded> {
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let hash = stored.unwrap_or(&self.decoy).to_owned();
        let matches =
            self.run(move || argon2.verify_password(password.as_bytes(), hash.as_str()).is_ok()).await?;
        Ok(matches && stored.is_some())
    }

    /// The permits go with the work: it goes on when its caller is gone, and still counts.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().map_err(|_| Overloaded)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Overloaded)?;
        let held: [OwnedSemaphorePermit; 2] = [seat, permit];
        let done = tokio::task::spawn_blocking(move || {
            let _held = held;
            work()
        });
        done.await.map_err(|_| Overloaded)
    }
}

fn hashed(argon2: &Argon2<'_>, password: &str, salt: &[u8; 16]) -> Option<String> {
    argon2.hash_password_with_salt(password.as_bytes(), salt).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_by_its_hash_only() {
        let (passwords, ids) = (Passwords::new(PasswordsConfig::default()).unwrap(), IdSource::seeded(1));
        let hash = passwords.hash("correct horse", &ids).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse", &ids).await.unwrap(), "salted");
        assert_eq!(passwords.verify("correct horse", Some(&hash)).await, Ok(true));
        assert_eq!(passwords.verify("wrong horse", Some(&hash)).await, Ok(false));
        assert_eq!(passwords.verify("correct horse", None).await, Ok(false));
        assert_eq!(passwords.verify("", None).await, Ok(false), "the decoy lets nobody in");
        assert_eq!(passwords.verify("correct horse", Some("garbage")).await, Ok(false));
    }

    #[tokio::test]
    async fn a_crowd_is_refused_before_it_costs_memory() {
        let config = PasswordsConfig { at_once: 1, waiting: 2 };
        let passwords = Passwords::new(config).unwrap();
        let attempts = (0..10).map(|_| passwords.verify("a password", None));
        let answers = futures_util::future::join_all(attempts).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Err(Overloaded)).count(), 7);
        assert_eq!(passwords.verify("a password", None).await, Ok(false), "seats come back");
    }
}
