use std::process::ExitCode;

use anyhow::bail;
use domain::operations::{self, JobError, JobScope};
use ids::JobId;

use super::instance::Instance;

/// The most jobs of a list.
const SHOWN: i64 = 100;

/// Gives a dead job all its attempts again, at once.
pub fn retry(job: JobId) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        let mut conn = instance.db.get().await?;
        match operations::retry(&mut conn, JobScope::Instance, job, &instance.act()?).await {
            Ok(row) => println!("{} runs again.", row.id),
            Err(JobError::Database(error)) => return Err(error.into()),
            Err(_) => bail!("no dead job has the id {job}"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Ends a job that waits.
pub fn cancel(job: JobId) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        let mut conn = instance.db.get().await?;
        match operations::cancel(&mut conn, JobScope::Instance, job, &instance.act()?).await {
            Ok(_) => println!("{job} is cancelled."),
            Err(JobError::Database(error)) => return Err(error.into()),
            Err(_) => bail!("no waiting job has the id {job}; one that runs cannot be cancelled"),
        }
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
