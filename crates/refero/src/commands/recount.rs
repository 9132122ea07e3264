use std::process::ExitCode;

use domain::rewards;
use ids::ProgramId;

use super::instance::Instance;

/// Counts a program's history anew, and writes that in the place of its counters.
pub fn run(program_id: ProgramId) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        rewards::count_anew(&mut *instance.db.get().await?, program_id, &instance.act()?).await?;
        println!("The counters of {program_id} are what its history says.");
        Ok(ExitCode::SUCCESS)
    })
}
