use std::process::ExitCode;

use anyhow::Context;
use domain::{
    clock::Clock,
    db::{Db, DbConfig},
    verify::{Finding, verify},
};

use crate::failure;

/// Prints a table of the checks and what breaks them; fails when something does.
pub fn run() -> anyhow::Result<ExitCode> {
    let config = failure::config(DbConfig::from_env())?;
    let findings = super::block_on(async {
        let db = Db::new(&config)?;
        let clock = Clock::start(&db).await.context("cannot reach the database")?;
        let (conn, now) = (&mut *db.get().await?, clock.now());
        let mut at_once = conn.build_transaction().read_only().repeatable_read();
        Ok(at_once.run(async |conn| verify(conn, now).await).await?)
    })?;
    print!("{}", table(&findings));
    let is_well = findings.iter().all(|finding| finding.violations.is_empty());
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(findings: &[Finding]) -> String {
    let widest = findings.iter().map(|finding| finding.about.chars().count()).max().unwrap_or(0);
    let mut table = String::new();
    for Finding { check, about, looked_at, violations } in findings {
        let verdict = if violations.is_empty() { "ok" } else { "BROKEN" };
        table += &format!("{check:<4} {about:<widest$}  {looked_at:>10}  {verdict}\n");
        for violation in violations {
            table += &format!("     - {violation}\n");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_stand_below_their_check() {
        let finding = |check, about, violations: &[&str]| Finding {
            check,
            about,
            looked_at: 3,
            violations: violations.iter().map(ToString::to_string).collect(),
        };
        let shown =
            table(&[finding("V1", "balances", &["bal_1: 2 <> 3"]), finding("V10", "jobs at rest", &[])]);
        let expected = "V1   balances               3  BROKEN\n     - bal_1: 2 <> 3\nV10  jobs at rest           3  ok\n";
        assert_eq!(shown, expected);
    }
}
