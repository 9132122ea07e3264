//! The tables, for the eye and for docs/BENCHMARKS.md.

use std::{fs, path::Path};

use anyhow::Context;

use crate::{machine::Machine, options::Options, table::Table};

const BEGIN: &str = "<!-- measured: written by `cargo xtask bench -- --write docs/BENCHMARKS.md` -->";
const END: &str = "<!-- end of measured -->";

/// Lines of Markdown.
pub struct Report(Vec<String>);

impl Report {
    pub fn new(options: &Options) -> Self {
        let Options { rounds, seconds, clients, .. } = options;
        Self(vec![format!(
            "Medians (least - greatest) of {rounds} rounds; where a load is measured, {seconds} s of it with {clients} \
             clients for each contestant in each round."
        )])
    }

    /// The machine and its limits.
    pub fn machine(&mut self, machine: &Machine) {
        let Machine { cores, processor, postgres, settings, redis, load, .. } = machine;
        self.0.extend([
            String::new(),
            format!(
                "{cores} cores ({processor}), load average {load} before the run; PostgreSQL {postgres} ({settings}); Redis \
                 {redis}. Client, server and both databases share the machine."
            ),
        ]);
        let mut table = Table::new("limit of the machine, per second");
        table.line("pgbench, `SELECT 1`, prepared, all clients", vec![machine.selects], 0);
        table.line("pgbench, two inserts, 1 client", vec![machine.inserts_of_one], 0);
        table.line("pgbench, two inserts, all clients", vec![machine.inserts_of_all], 0);
        self.table(&table);
    }

    /// What was measured of a workload.
    pub fn table(&mut self, table: &Table) {
        let lines = table.markdown();
        println!("{}", lines.join("\n"));
        self.0.extend(lines);
    }

    pub fn print(&self) {
        println!("\n{}", self.0.join("\n"));
    }

    /// Puts all that was measured between the marks of the file that is wanted.
    pub fn write(&self, options: &Options, failed: &[&str]) -> anyhow::Result<()> {
        let Some(path) = &options.write else { return Ok(()) };
        // Cargo runs benchmarks in the folder of their package.
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        let file = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        let (before, rest) =
            file.split_once(BEGIN).context("the file has no mark where measurements begin")?;
        let (_, after) = rest.split_once(END).context("the file has no mark where measurements end")?;
        let mut text = self.0.join("\n");
        if !failed.is_empty() {
            text += &format!("\n\nNot measured in this run, because it failed: {}.", failed.join(", "));
        }
        fs::write(&path, format!("{before}{BEGIN}\n\n{text}\n\n{END}{after}"))?;
        Ok(())
    }
}
