//! Contestants that are put under the same load in turns.

use std::time::Duration;

use crate::{
    ground::Ground,
    options::Options,
    pgbench::{Length, Script},
    press::Target,
};

/// Who is put under load.
pub enum Contestant {
    /// pgbench with a script, on a database.
    Pgbench(Script, String),
    /// A server.
    Http(Target),
}

/// One measurement; pgbench tells no percentiles, and 0 stands for them.
#[derive(Clone, Copy)]
pub struct Turn {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

impl Contestant {
    async fn turn(&self, clients: usize, seconds: u64) -> anyhow::Result<Turn> {
        match self {
            Self::Pgbench(script, url) => {
                let per_second = script.run(url, clients, Length::Seconds(seconds)).await?;
                Ok(Turn { per_second, p50: 0.0, p99: 0.0 })
            }
            Self::Http(target) => target.press(clients, Duration::from_secs(seconds)).await,
        }
    }
}

/// What the rounds gave, by contestant.
pub struct Turns(Vec<Vec<Turn>>);

impl Turns {
    /// Warms all contestants up for a second, then measures each once in every round.
    pub async fn of(
        ground: &Ground,
        options: &Options,
        workload: &str,
        clients: usize,
        contestants: &[(&str, Contestant)],
    ) -> anyhow::Result<Self> {
        for (_, contestant) in contestants {
            contestant.turn(clients, 1).await?;
        }
        let mut turns: Vec<Vec<Turn>> = contestants.iter().map(|_| Vec::new()).collect();
        for round in 1..=options.rounds {
            let mut said = Vec::new();
            for ((name, contestant), turns) in contestants.iter().zip(&mut turns) {
                ground.settle().await?;
                let turn = contestant.turn(clients, options.seconds).await?;
                said.push(format!("{name} {:.0}/s", turn.per_second));
                turns.push(turn);
            }
            println!("{workload} round {round}: {}", said.join(", "));
        }
        Ok(Self(turns))
    }

    /// A figure of all rounds of a contestant, by its place.
    pub fn all(&self, place: usize, figure: fn(&Turn) -> f64) -> Vec<f64> {
        self.0.get(place).map(|turns| turns.iter().map(figure).collect()).unwrap_or_default()
    }

    /// Its rates.
    pub fn rates(&self, place: usize) -> Vec<f64> {
        self.all(place, |turn| turn.per_second)
    }
}
