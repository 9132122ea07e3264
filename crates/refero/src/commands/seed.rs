use std::{process::ExitCode, time::Instant};

use domain::users::{Passwords, PasswordsConfig, Secrets};
use ids::IdSource;

use super::instance::Instance;
use crate::{
    cli::Seed,
    demo::{Demo, LogIns, Size, Stage},
    failure,
};

/// Loads the demo, and prints who may log in to it.
pub fn run(seed: &Seed) -> anyhow::Result<ExitCode> {
    let passwords = Passwords::new(failure::config(PasswordsConfig::from_env())?)?;
    let secrets = failure::config(Secrets::from_env())?;
    let vault = failure::config(vault::Vault::from_env())?;
    let size = Size { days: seed.days, partners: seed.partners, sales: seed.sales };
    let demo = Demo { seed: seed.seed, size, beside: seed.beside };
    super::block_on(async {
        let instance = Instance::reach().await?;
        let log_ins = LogIns::random(&IdSource::from_system()?);
        let began = Instant::now();
        let (db, vault, now) = (&instance.db, vault.as_ref(), instance.now());
        let stage = Stage { db, passwords: &passwords, secrets: &secrets, vault, now };
        let loaded = demo.load(&stage, &log_ins).await;
        failure::refusal::<crate::demo::Refused, _>(loaded)?;
        println!(
            "Loaded Crema Coffee in {:.1} s. Log in as one of (these passwords are shown this once):\n\n{log_ins}",
            began.elapsed().as_secs_f64()
        );
        Ok(ExitCode::SUCCESS)
    })
}
