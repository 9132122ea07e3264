use std::{
    fmt,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use domain::users::Passwords;
use local_stack::StackConfig;

use crate::{
    demo::{Demo, LogIns, Refused, Size, Stage},
    process::Ground,
};

const FILE: &str = "demo_log_ins";

/// Whether a demo is to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Into a database that has no accounts.
    First,
    /// Of this size, also beside accounts that are there.
    Always(Size),
    /// Not.
    Never,
}

/// The demo, as `refero up` greets with it.
pub struct Shown {
    /// Who may log in, at the start that loaded it.
    log_ins: Option<LogIns>,
    /// Where that is written.
    file: PathBuf,
}

impl Wanted {
    /// What the command line says, then `REFERO_DEMO`; else into the private database of a first start.
    ///
    /// # Errors
    /// When `REFERO_DEMO` is none of its words.
    pub fn from_env(empty: bool, stack: &StackConfig) -> anyhow::Result<Self> {
        match env::var("REFERO_DEMO")?.as_deref() {
            _ if empty => Ok(Self::Never),
            Some("on") => Ok(Self::Always(Size::FULL)),
            Some("small") => Ok(Self::Always(Size::SMALL)),
            Some("off") => Ok(Self::Never),
            Some(_) => bail!("REFERO_DEMO must be on, small or off"),
            // A database of one's own is not for made-up data, unless that is asked for.
            None => Ok(if stack.database_url.is_some() { Self::Never } else { Self::First }),
        }
    }
}

/// Loads the demo if it is wanted and not there yet. Its log-ins are written before it is loaded, for their owner only: a
/// demo that nobody could log in to would be worth nothing.
///
/// # Errors
/// When the file or the database fails.
pub async fn find_or_load(ground: &Ground, data_dir: &Path, wanted: Wanted) -> anyhow::Result<Option<Shown>> {
    let file = data_dir.join(FILE);
    let (size, beside) = match wanted {
        Wanted::Always(size) => (size, true),
        Wanted::First | Wanted::Never => (Size::FULL, false),
    };
    let demo = Demo { seed: 1, size, beside };
    match demo.refused(&ground.db).await? {
        Some(Refused::Loaded) => return Ok(file.exists().then_some(Shown { log_ins: None, file })),
        Some(Refused::InUse) => return Ok(None),
        None if wanted == Wanted::Never => return Ok(None),
        None => {}
    }
    let log_ins = find_or_write(&file, ground).with_context(|| format!("write {}", file.display()))?;
    println!("Loading the demo: the past of a company that does not exist. It takes a while, once.");
    let passwords = Passwords::new(ground.config.passwords)?;
    let stage = Stage {
        db: &ground.db,
        passwords: &passwords,
        secrets: &ground.config.secrets,
        vault: ground.config.vault.as_deref(),
        now: ground.clock.now(),
    };
    demo.load(&stage, &log_ins)
        .await
        .context("the demo could not be loaded (`refero up --empty` goes without)")?;
    Ok(Some(Shown { log_ins: Some(log_ins), file }))
}

/// The log-ins of a start that was stopped while it loaded, or new ones.
fn find_or_write(file: &Path, ground: &Ground) -> anyhow::Result<LogIns> {
    let written = fs::read_to_string(file).ok().and_then(|text| LogIns::parse(&text));
    if let Some(log_ins) = written {
        return Ok(log_ins);
    }
    let log_ins = LogIns::random(&ground.ids);
    // Made anew, so that the mode is that of this file and not of what was there.
    if file.exists() {
        fs::remove_file(file)?;
    }
    let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    write!(open, "{log_ins}")?;
    open.sync_all()?;
    Ok(log_ins)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.log_ins {
            None => writeln!(f, "  Demo            log in as one of those in {file}"),
            Some(log_ins) => {
                writeln!(f, "  Demo            log in as one of these (kept in {file}):")?;
                log_ins.to_string().lines().try_for_each(|line| writeln!(f, "                    {line}"))
            }
        }
    }
}
