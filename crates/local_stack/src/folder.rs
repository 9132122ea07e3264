//! The servers' folder: where it lies, who owns it, who holds it.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::account::Account;
use crate::settings::seed;

/// Where servers of root live whose data folder their user cannot enter.
const ELSEWHERE: &str = "/var/lib/refero";

const OTHERS: &str = "belongs to another user: name a folder of your own in REFERO_DATA_DIR";

/// The folder of both servers, held by this process until dropped.
pub struct Folder {
    /// `servers` in the data folder, or what the pointer there names.
    pub path: PathBuf,
    /// Who runs the servers and owns the folder.
    pub account: Account,
    /// The kernel gives the lock back when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Finds or creates the servers' folder of `data_dir` and takes hold of it.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be created or entered.
    pub fn hold(data_dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(data_dir).with_context(|| format!("create {}", data_dir.display()))?;
        let data_dir = data_dir.canonicalize().with_context(|| format!("find {}", data_dir.display()))?;
        let (path, account) = locate(&data_dir)?;
        let lock = lock(&path, &data_dir)?;
        Ok(Self { path, account, _lock: lock })
    }

    /// PostgreSQL's data.
    pub fn cluster(&self) -> PathBuf {
        cluster(&self.path)
    }

    /// A folder inside this one that belongs to the servers' account.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn subfolder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        create_private(&path)?;
        self.account.own(&path)?;
        Ok(path)
    }
}

fn cluster(servers: &Path) -> PathBuf {
    servers.join("postgres")
}

fn locate(data_dir: &Path) -> anyhow::Result<(PathBuf, Account)> {
    let pointer = data_dir.join("servers.path");
    if let Ok(target) = fs::read_to_string(&pointer) {
        let target = PathBuf::from(target.trim_end());
        let account = prepare(&target)?;
        ensure!(account.can_use(&target), "{} {OTHERS}", target.display());
        return Ok((target, account));
    }
    let inside = data_dir.join("servers");
    let account = prepare(&inside)?;
    if account.can_use(&inside) {
        return Ok((inside, account));
    }
    ensure!(account != Account::Ourselves, "{} {OTHERS}", inside.display());
    ensure!(!cluster(&inside).exists(), "the user that owns {} cannot enter it", cluster(&inside).display());
    fs::remove_dir(&inside).with_context(|| format!("remove {}", inside.display()))?;
    let elsewhere = Path::new(ELSEWHERE).join(format!("{:016x}", seed(data_dir)));
    eprintln!(
        "PostgreSQL cannot run as root, and its user cannot enter {}: the servers' data {} in {}.",
        data_dir.display(),
        if elsewhere.exists() { "of before is found" } else { "is kept" },
        elsewhere.display()
    );
    fs::create_dir_all(ELSEWHERE).with_context(|| format!("create {ELSEWHERE}"))?;
    let account = prepare(&elsewhere)?;
    fs::write(&pointer, format!("{}\n", elsewhere.display()))?;
    Ok((elsewhere, account))
}

fn prepare(servers: &Path) -> anyhow::Result<Account> {
    create_private(servers)?;
    let account = Account::for_cluster(Some(&cluster(servers)))?;
    account.own(servers)?;
    Ok(account)
}

fn create_private(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("create {}", path.display()))
}

fn lock(servers: &Path, data_dir: &Path) -> anyhow::Result<File> {
    let path = servers.join("lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| format!("open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            bail!("the servers in {} are running already (process {})", data_dir.display(), holder.trim());
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("lock {}", path.display()));
        }
    }
    file.set_len(0)?;
    file.write_all(std::process::id().to_string().as_bytes())?;
    Ok(file)
}
