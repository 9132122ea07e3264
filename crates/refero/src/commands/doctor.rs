use std::process::ExitCode;

use crate::doctor;

/// Prints what was found, as a table or as JSON; fails when something does.
pub fn run(json: bool) -> anyhow::Result<ExitCode> {
    let lines = super::block_on(async { Ok(doctor::examine().await) })?;
    match json {
        true => println!("{:#}", doctor::json(&lines)),
        false => print!("{}", doctor::table(&lines)),
    }
    Ok(if doctor::is_healthy(&lines) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
