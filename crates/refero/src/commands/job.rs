use std::process::ExitCode;

use anyhow::bail;
use ids::JobId;

use super::instance::Instance;

/// The most jobs of a list.
const SHOWN: i64 = 100;

/// Gives a dead job all its attempts again, at once.
pub fn retry(job: JobId) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        match queue::retry_dead(&mut *instance.db.get().await?, None, job, instance.now()).await? {
            Some(row) => println!("{row} runs again."),
            None => bail!("no dead job has the id {job}"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Ends a job that waits.
pub fn cancel(job: JobId) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        let mut conn = instance.db.get().await?;
        if !queue::cancel(&mut conn, None, job, "the command line", instance.now()).await? {
            bail!("no waiting job has the id {job}; one that runs cannot be cancelled");
        }
        println!("{job} is cancelled.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints the jobs that were given up last, each with the error of its last run.
pub fn dead() -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        for job in queue::dead(&mut *instance.db.get().await?, SHOWN).await? {
            let error = job.last_error.unwrap_or_default();
            println!(
                "{}  {}  {}  {} attempts  {error}",
                job.id,
                job.finished_at.to_rfc3339(),
                job.kind,
                job.attempt
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}
