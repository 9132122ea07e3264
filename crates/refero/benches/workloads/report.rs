//! The tables, for the eye and for docs/BENCHMARKS.md.

use std::{fs, path::Path};

use anyhow::Context;

use crate::{
    figures::{median, range},
    graphile,
    machine::Machine,
    options::Options,
    w3, w4,
};

const BEGIN: &str = "<!-- measured: written by `cargo xtask bench -- --write docs/BENCHMARKS.md` -->";
const END: &str = "<!-- end of measured -->";

/// What of pgbench's rate W3 asks for.
const W3_TARGET: f64 = 0.6;
/// What of graphile-worker's rate W4 asks for.
const W4_TARGET: f64 = 1.5;
/// Jobs per second of graphile-worker, batched, as performance.md measured it: for machines without node.
const GRAPHILE_ONCE: f64 = 13_500.0;

/// Lines of Markdown.
pub struct Report(Vec<String>);

impl Report {
    pub fn new(options: &Options) -> Self {
        let Options { rounds, seconds, clients, jobs, .. } = options;
        Self(vec![format!(
            "Medians (least - greatest) of {rounds} rounds; {seconds} s of load with {clients} clients, or {jobs} jobs, \
             for each contestant in each round."
        )])
    }

    /// The machine and its limits.
    pub fn machine(&mut self, machine: &Machine) {
        let Machine { cores, processor, postgres, settings, redis, .. } = machine;
        self.paragraph(format!(
            "{cores} cores ({processor}); PostgreSQL {postgres} ({settings}); Redis {redis}. Client, server and both databases \
             share the machine."
        ));
        self.table(["limit of the machine", "per second"]);
        self.row([
            "pgbench, `SELECT 1`, prepared, all clients".to_owned(),
            format!("{:.0}", machine.selects),
        ]);
        self.row(["pgbench, two inserts, 1 client".to_owned(), format!("{:.0}", machine.inserts_of_one)]);
        self.row(["pgbench, two inserts, all clients".to_owned(), format!("{:.0}", machine.inserts_of_all)]);
    }

    /// W3.
    pub fn w3(&mut self, rounds: &[w3::Round]) {
        let of = |figure: fn(&w3::Round) -> f64| rounds.iter().map(figure).collect::<Vec<f64>>();
        self.table(["W3: `transactionRecord` until its reward is there", "median (range)", "target"]);
        let mut line = |what: &str, values: Vec<f64>, digits: usize, target: String| {
            self.row([what.to_owned(), figure(&values, digits), target]);
        };
        line("pgbench, the statements of one sale, sales/s", of(|r| r.pgbench), 0, String::new());
        line("accepted by `refero serve`, sales/s", of(|r| r.accepted), 0, String::new());
        line("**ratio to pgbench**", of(|r| r.accepted / r.pgbench), 2, format!("{W3_TARGET}"));
        line("accepted beside the workers, sales/s", of(|r| r.accepted_beside_workers), 0, String::new());
        let beside = of(|r| r.accepted_beside_workers / r.pgbench);
        line("ratio to pgbench", beside, 2, String::new());
        line("until the last reward, sales/s", of(|r| r.rewarded), 0, String::new());
        line("at half load, sales/s", of(|r| r.half.per_second), 0, String::new());
        line("accepted, p50, ms", of(|r| r.half.accept_p50), 1, String::new());
        line("accepted, p99, ms", of(|r| r.half.accept_p99), 1, String::new());
        line("**reward is there, p50, ms**", of(|r| r.half.reward_p50), 1, "20".to_owned());
        line("**reward is there, p99, ms**", of(|r| r.half.reward_p99), 1, "150".to_owned());
    }

    /// W4.
    pub fn w4(&mut self, outcome: &w4::Outcome) {
        let rounds = &outcome.rounds;
        let of = |figure: fn(&w4::Round) -> f64| rounds.iter().map(figure).collect::<Vec<f64>>();
        let graphile: Option<Vec<f64>> = rounds.iter().map(|round| round.graphile).collect();
        self.table(["W4: durable jobs that do nothing", "median (range)", "target"]);
        let ours = of(|round| round.ours);
        self.row(["refero, jobs/s".to_owned(), figure(&ours, 0), String::new()]);
        let pgbench = "pgbench, the same dispatch, claim and finish, jobs/s";
        self.row([pgbench.to_owned(), figure(&of(|round| round.pgbench), 0), String::new()]);
        let ratio = of(|round| round.ours / round.pgbench);
        self.row(["ratio to pgbench".to_owned(), figure(&ratio, 2), String::new()]);
        let (name, peer) = match graphile {
            Some(measured) => (format!("{}, batched, jobs/s", graphile::PACKAGE), measured),
            None => {
                let name = "graphile-worker, batched, jobs/s (not measured here: from performance.md)";
                (name.to_owned(), vec![GRAPHILE_ONCE; rounds.len()])
            }
        };
        self.row([name, figure(&peer, 0), String::new()]);
        let ratio: Vec<f64> = ours.iter().zip(&peer).map(|(ours, peer)| ours / peer).collect();
        self.row(["**ratio to graphile-worker**".to_owned(), figure(&ratio, 2), format!("{W4_TARGET}")]);
        for (backlog, rate) in &outcome.backlogs {
            let what = format!("refero from a backlog of {backlog}, once, jobs/s");
            self.row([what, format!("{rate:.0}"), "flat".to_owned()]);
        }
        let history = "jobs in the history by then".to_owned();
        self.row([history, outcome.history.to_string(), String::new()]);
    }

    /// Prints all, and writes it where it is wanted.
    pub fn finish(&self, options: &Options) -> anyhow::Result<()> {
        let text = self.0.join("\n");
        println!("\n{text}");
        match &options.write {
            // Cargo runs benchmarks in the folder of their package.
            Some(path) => write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path), &text),
            None => Ok(()),
        }
    }

    fn paragraph(&mut self, text: String) {
        self.0.extend([String::new(), text]);
    }

    fn table<const N: usize>(&mut self, titles: [&str; N]) {
        self.0.push(String::new());
        self.0.push(format!("| {} |", titles.join(" | ")));
        self.0.push(format!("|{}", " --- |".repeat(N)));
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.push(format!("| {} |", cells.join(" | ")));
    }
}

fn figure(values: &[f64], digits: usize) -> String {
    let (least, greatest) = range(values);
    format!("{:.digits$} ({least:.digits$} - {greatest:.digits$})", median(values))
}

/// Puts the text between the marks of a file.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let (before, rest) = file.split_once(BEGIN).context("the file has no mark where measurements begin")?;
    let (_, after) = rest.split_once(END).context("the file has no mark where measurements end")?;
    fs::write(path, format!("{before}{BEGIN}\n\n{text}\n\n{END}{after}"))?;
    println!("\nwrote {}", path.display());
    Ok(())
}
